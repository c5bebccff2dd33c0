/* SPDX-License-Identifier: MIT */
/*
 * Writes a disk from several threads, at random places in random sizes, by the cache and
 * past it, and checks what it reads; at the end all of it. The disk is all zeros before.
 * Arguments: the disk, threads, MiB to be written, a seed. Prints the sum (CRC-32) of what
 * the disk must hold.
 *
 * Contents are a function of the place and of how often that was written, so all there is
 * to be remembered is a byte for each unit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("line %d: %s (%s)\n", __LINE__, #condition, strerror(errno));           \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

enum {
    UNIT = 256,      /* less than a sector */
    CHUNK = 1 << 20, /* what one thread has to itself */
    CHUNK_UNITS = CHUNK / UNIT,
    MOST = 700, /* units of one call */
    PAGE = 4096,
    THREADS = 8,
};

static int cached, direct;
static uint64_t units;
static uint8_t *written; /* how often, of each unit */
static unsigned threads;
static uint64_t to_write; /* bytes, of each thread */
static uint64_t seed;

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void make_unit(char *to, uint64_t unit) {
    uint64_t x = mix(seed ^ unit << 8 ^ written[unit]);

    if (!written[unit]) {
        memset(to, 0, UNIT);
        return;
    }
    for (size_t i = 0; i < UNIT; i += sizeof x, x = x * 6364136223846793005 + 1)
        memcpy(to + i, &x, sizeof x);
}

static void make(char *to, uint64_t unit, uint64_t count) {
    for (uint64_t i = 0; i < count; i++)
        make_unit(to + i * UNIT, unit + i);
}

/* Which call it is: aligned pieces may go past the cache. */
static int choose(uint64_t *unit, uint64_t *count, uint64_t random) {
    if (random % 4)
        return cached;
    *unit -= *unit % 2;
    *count += *count % 2;
    return direct;
}

static void write_some(uint64_t unit, uint64_t count, uint64_t random, char *memory) {
    int fd = choose(&unit, &count, random);

    for (uint64_t i = unit; i < unit + count; i++)
        written[i] += written[i] == 255 ? 2 : 1; /* never 0 again */
    make(memory, unit, count);
    REQUIRE(pwrite(fd, memory, count * UNIT, (off_t)(unit * UNIT)) == (long)(count * UNIT));
}

static void read_some(uint64_t unit, uint64_t count, uint64_t random, char *memory,
                      char *expected) {
    int fd = choose(&unit, &count, random);

    make(expected, unit, count);
    REQUIRE(pread(fd, memory, count * UNIT, (off_t)(unit * UNIT)) == (long)(count * UNIT));
    REQUIRE(!memcmp(memory, expected, count * UNIT));
}

static void *run(void *argument) {
    unsigned number = (unsigned)(uintptr_t)argument;
    uint64_t state = mix(seed + number), done = 0;
    uint64_t chunks = units / CHUNK_UNITS / threads;
    char *memory, *expected = malloc(MOST * UNIT + PAGE);

    REQUIRE(expected && !posix_memalign((void **)&memory, PAGE, MOST * UNIT + PAGE));
    while (done < to_write) {
        state = mix(state + 0x9e3779b97f4a7c15);
        uint64_t chunk = state % chunks * threads + number;
        uint64_t count =
            (state >> 20) % 8 ? 1 + (state >> 24) % 40 : 1 + (state >> 24) % MOST;
        uint64_t unit = (state >> 40) % (CHUNK_UNITS - count - 1);
        if (state >> 62) {
            write_some(chunk * CHUNK_UNITS + unit, count, state >> 16, memory);
            done += count * UNIT;
        } else {
            read_some(chunk * CHUNK_UNITS + unit, count, state >> 16, memory, expected);
        }
        if (!((state >> 8) % 200))
            REQUIRE(!fdatasync(cached));
    }
    return NULL;
}

/* CRC-32, as zlib has it. */
static uint32_t sum_bytes(uint32_t sum, const char *data, size_t size) {
    static uint32_t table[256];

    if (!table[255])
        for (uint32_t i = 0; i < 256; i++) {
            table[i] = i;
            for (int bit = 0; bit < 8; bit++)
                table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320 : 0);
        }
    sum = ~sum;
    while (size--)
        sum = sum >> 8 ^ table[(sum ^ (unsigned char)*data++) & 255];
    return ~sum;
}

static void check_all(char *memory, char *expected) {
    uint32_t sum = 0;

    for (uint64_t unit = 0; unit < units; unit += PAGE / UNIT) {
        make(expected, unit, PAGE / UNIT);
        REQUIRE(pread(direct, memory, PAGE, (off_t)(unit * UNIT)) == PAGE);
        REQUIRE(!memcmp(memory, expected, PAGE));
        sum = sum_bytes(sum, expected, PAGE);
    }
    printf("%u\n", sum);
}

int main(int argc, char **argv) {
    pthread_t thread[THREADS];
    uint64_t size;
    char *memory, *expected = malloc(PAGE);

    REQUIRE(argc == 5 && expected && !posix_memalign((void **)&memory, PAGE, PAGE));
    threads = (unsigned)atoi(argv[2]);
    REQUIRE(threads && threads <= THREADS);
    to_write = (uint64_t)atoi(argv[3]) * CHUNK / threads;
    seed = (uint64_t)atoll(argv[4]);
    cached = open(argv[1], O_RDWR);
    direct = open(argv[1], O_RDWR | O_DIRECT);
    REQUIRE(cached >= 0 && direct >= 0 && !ioctl(cached, BLKGETSIZE64, &size));
    units = size / UNIT;
    written = calloc(units, 1);
    REQUIRE(written);
    for (unsigned i = 0; i < threads; i++)
        REQUIRE(!pthread_create(&thread[i], NULL, run, (void *)(uintptr_t)i));
    for (unsigned i = 0; i < threads; i++)
        REQUIRE(!pthread_join(thread[i], NULL));
    REQUIRE(!fsync(cached));
    check_all(memory, expected);
    return 0;
}
