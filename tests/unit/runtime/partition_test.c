/* SPDX-License-Identifier: MIT */
/*
 * block/partition.c: tables with sectors of 512 and 4096 bytes, damaged ones, and ones that
 * are all lies: then the number of reads is bounded, and what is found is within the disk.
 * Tables that other programs have written: partitions.sh.
 */
#include "block/partition.h"

#include <errno.h>
#include <stdlib.h>

#include "crc.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { MOST = 200, READS = 2000 };

static uint8_t *disk_bytes;
static uint64_t sectors;
static unsigned sector_size, reads;
static uint64_t bad_sector;
static struct partition found[MOST];

static long read_disk(struct partition_disk *disk, uint64_t sector, void *buffer) {
    REQUIRE(sector < sectors && disk->sectors == sectors && ++reads < READS);
    if (sector == bad_sector)
        return -EIO;
    memcpy(buffer, disk_bytes + sector * sector_size, sector_size);
    return 0;
}

static long find(size_t most) {
    struct partition_disk disk = {.read = read_disk,
                                  .sectors = sectors,
                                  .sector_size = sector_size,
                                  .buffer = malloc(sector_size)};

    reads = 0;
    memset(found, 0xee, sizeof found);
    long count = partition_find(&disk, found, most);
    free(disk.buffer);
    REQUIRE(count <= (long)most);
    for (long i = 0; i < count; i++) {
        uint64_t end = sectors * (sector_size / 512);
        REQUIRE(found[i].count && found[i].first < end);
        REQUIRE(found[i].count <= end - found[i].first && found[i].number);
    }
    return count;
}

static void start(unsigned size, uint64_t count) {
    sector_size = size;
    sectors = count;
    disk_bytes = calloc(count, size);
    bad_sector = ~0ul;
}

static void put(uint64_t sector, size_t offset, uint64_t value, unsigned bytes) {
    uint8_t *at = disk_bytes + sector * sector_size + offset;

    for (; bytes; bytes--, value >>= 8)
        *at++ = (uint8_t)value;
}

static void put_slot(uint64_t sector, unsigned slot, uint8_t type, uint32_t first,
                     uint32_t count) {
    put(sector, 446 + slot * 16 + 4, type, 1);
    put(sector, 446 + slot * 16 + 8, first, 4);
    put(sector, 446 + slot * 16 + 12, count, 4);
    put(sector, 510, 0xaa55, 2);
}

/* In sectors of the disk's. */
static void expect(long at, unsigned number, uint64_t first, uint64_t count) {
    unsigned scale = sector_size / 512;

    REQUIRE_SAYING(found[at].number == number && found[at].first == first * scale &&
                       found[at].count == count * scale,
                   "partition %ld is %u, from %lu, of %lu", at, found[at].number,
                   found[at].first, found[at].count);
}

static void start_any(uint64_t count) {
    start(random_one_in(2) ? 512 : 4096, count);
}

/* --- MBR ---------------------------------------------------------------------------- */

static void run_none(void) {
    start_any(100);
    REQUIRE(find(MOST) == 0);
    put_slot(0, 1, 0x83, 10, 20);
    REQUIRE(find(MOST) == 1);
    expect(0, 2, 10, 20);
    put(0, 446, 0x80, 1);
    REQUIRE(find(MOST) == 1);
    put(0, 446, 0x01, 1); /* no flag of a partition */
    REQUIRE(find(MOST) == 0);
    put(0, 446, 0, 1);
    put(0, 511, 0, 1);
    REQUIRE(find(MOST) == 0);
    put(0, 511, 0xaa, 1);
    bad_sector = 0;
    REQUIRE(find(MOST) == -EIO);
    sectors = 0;
    REQUIRE(find(MOST) == 0);
}

static void put_chain(void) {
    put_slot(0, 0, 0x83, 10, 20);
    put_slot(0, 1, 0x05, 100, 500);
    put_slot(0, 3, 0x82, 700, 9000); /* beyond the end */
    put_slot(100, 0, 0x83, 5, 50);
    put_slot(100, 1, 0x05, 200, 100);
    put_slot(300, 0, 0x83, 1, 30);
    put_slot(300, 1, 0x05, 300, 60);
    put_slot(300, 2, 0x83, 1, 600); /* leads out of the extended one */
    put_slot(400, 0, 0x83, 2, 4);
}

static void run_logical(void) {
    start_any(1000);
    put_chain();
    REQUIRE(find(MOST) == 6);
    expect(0, 1, 10, 20);
    expect(1, 2, 100, sector_size == 512 ? 2 : 1);
    expect(2, 5, 105, 50);
    expect(3, 6, 301, 30);
    expect(4, 7, 402, 4);
    expect(5, 4, 700, 300);
    REQUIRE(find(3) == 3);
    bad_sector = 300;
    REQUIRE(find(MOST) == 4);
    expect(3, 4, 700, 300);
}

static void run_circle(void) {
    start_any(1000);
    put_chain();
    put_slot(400, 1, 0x0f, 0, 100);
    REQUIRE(find(MOST) > 5 && reads < 200);
    put_slot(400, 0, 0, 0, 0);
    put_slot(300, 0, 0, 0, 0);
    put_slot(100, 0, 0, 0, 0);
    REQUIRE(find(MOST) == 3 && reads < 200);
    put_slot(100, 1, 0x0f, 500, 100); /* not in the extended one */
    REQUIRE(find(MOST) == 3 && reads == 2);
}

/* --- GPT ---------------------------------------------------------------------------- */

enum { ENTRIES = 40, FIRST_USABLE = 34 };

static size_t entry_size;

static void seal(uint64_t at) {
    uint8_t *header = disk_bytes + at * sector_size;
    uint64_t entries = 0;

    memcpy(&entries, header + 72, 8);
    if (entries <= sectors - 33)
        put(at, 88, crc_of(disk_bytes + entries * sector_size, ENTRIES * entry_size), 4);
    put(at, 16, 0, 4);
    put(at, 16, crc_of(header, 92), 4);
}

static void put_header(uint64_t at, uint64_t other, uint64_t entries) {
    memcpy(disk_bytes + at * sector_size, "EFI PART", 8);
    put(at, 8, 0x10000, 4);
    put(at, 12, 92, 4);
    put(at, 24, at, 8);
    put(at, 32, other, 8);
    put(at, 40, FIRST_USABLE, 8);
    put(at, 48, sectors - FIRST_USABLE, 8);
    put(at, 72, entries, 8);
    put(at, 80, ENTRIES, 4);
    put(at, 84, entry_size, 4);
}

static void put_entry(uint64_t array, unsigned number, uint64_t first, uint64_t last) {
    size_t offset = (number - 1) * entry_size;

    put(array, offset + 3, 7, 1); /* any type but none */
    put(array, offset + 32, first, 8);
    put(array, offset + 40, last, 8);
}

static uint64_t backup_array(void) {
    return sectors - 33;
}

static void put_gpt(uint64_t at) {
    uint64_t array = at == 1 ? 2 : backup_array();

    put_header(at, sectors - at, array);
    put_entry(array, 1, 40, 49);
    put_entry(array, 2, 60, sectors - 1); /* beyond what may be used, but on the disk */
    put_entry(array, 3, 60, sectors);
    put_entry(array, 4, 70, 69);
    put_entry(array, ENTRIES, 100, 100);
    seal(at);
}

static void start_gpt(void) {
    start_any(1000);
    entry_size = sector_size > 512 && random_one_in(2) ? 512 : 128;
    put_slot(0, 0, 0xee, 1, 999);
    put_gpt(1);
    put_gpt(999);
}

static void expect_gpt(void) {
    REQUIRE(find(MOST) == 3);
    expect(0, 1, 40, 10);
    expect(1, 2, 60, 940);
    expect(2, ENTRIES, 100, 1);
}

static void run_gpt(void) {
    start_gpt();
    expect_gpt();
    REQUIRE(reads < 20 && find(2) == 2);
    put_slot(0, 0, 0x83, 1, 999); /* a table of the other kind has been made since */
    REQUIRE(find(MOST) == 1);
    put_slot(0, 0, 0x83, 2, 9);
    put_slot(0, 1, 0xee, 1, 1); /* hybrid */
    expect_gpt();
}

/* One byte of the primary's header or entries changes; then the backup's as well. */
static void run_backup(void) {
    start_gpt();
    uint64_t sector = random_one_in(2) ? 1 : 2;
    size_t at = random_below(sector == 1 ? 92 : sector_size);
    bool counts = sector == 1 || at < ENTRIES * entry_size;
    REQUIRE(counts || sector_size == 4096);
    disk_bytes[sector * sector_size + at] ^= (uint8_t)random_between(1, 255);
    disk_bytes[backup_array() * sector_size + 32]++;
    seal(999);
    REQUIRE(find(MOST) == 3);
    expect(0, 1, counts ? 41 : 40, counts ? 9 : 10);
    disk_bytes[999 * sector_size + at % 92] ^= 1;
    REQUIRE(find(MOST) == (counts ? 0 : 3));
}

static void run_unreadable(void) {
    start_gpt();
    for (bad_sector = 1; bad_sector < 3; bad_sector++)
        expect_gpt();
    bad_sector = 1;
    disk_bytes[999 * sector_size]++;
    REQUIRE(find(MOST) == 0);
}

/* The disk has grown: the backup is where its end was. */
static void run_grown(void) {
    start_gpt();
    sectors = 1500;
    disk_bytes = realloc(disk_bytes, sectors * sector_size);
    memset(disk_bytes + 1000ul * sector_size, 0, 500ul * sector_size);
    REQUIRE(find(MOST) == 4); /* the one that was too long is not by now */
    disk_bytes[2 * sector_size]++;
    REQUIRE(find(MOST) == 4);
}

static void run_bad_header(void) {
    static const struct {
        size_t at;
        uint64_t value;
        unsigned bytes;
    } bad[] = {{0, 'e', 1},   {12, 91, 4},          {12, ~0u, 4},  {24, 2, 8},
               {40, 999, 8},  {48, 1000, 8},        {48, ~0ul, 8}, {72, 1000, 8},
               {72, ~0ul, 8}, {72, 995, 8},         {80, ~0u, 4},  {80, 1 << 20, 4},
               {80, 3000, 4}, {84, 0, 4},           {84, 64, 4},   {84, 192, 4},
               {84, 8192, 4}, {84, 0x80000000u, 4}, {12, 0, 4}};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        start_gpt();
        disk_bytes[999 * sector_size]++;
        put(1, bad[i].at, bad[i].value, bad[i].bytes);
        put(1, 16, 0, 4);
        put(1, 16, crc_of(disk_bytes + sector_size, 92), 4);
        long count = find(MOST);
        REQUIRE_SAYING(!count && reads < 300, "%zu", i);
        free(disk_bytes);
    }
}

/* --- lies ---------------------------------------------------------------------------- */

static void run_lies(void) {
    for (int i = 0; i < 2000; i++) {
        start_gpt();
        if (random_one_in(2))
            put_chain();
        for (size_t n = random_below(30); n; n--) {
            uint64_t sector = random_one_in(2) ? random_below(4) : random_below(10) * 100;
            size_t at = random_one_in(2) ? 446 + random_below(64) : random_below(512);
            put(sector, at, random_one_in(2) ? random_below(1000) : random_next(),
                (unsigned)random_between(1, 4));
        }
        put(0, 510, 0xaa55, 2);
        if (random_one_in(2))
            seal(1);
        find(random_one_in(4) ? random_below(10) : MOST);
        free(disk_bytes);
    }
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(none, 4)
SCENARIO(logical, 4)
SCENARIO(circle, 4)
SCENARIO(gpt, 6)
SCENARIO(backup, 20)
SCENARIO(unreadable, 4)
SCENARIO(grown, 4)
SCENARIO(bad_header, 2)
SCENARIO(lies, 2)
