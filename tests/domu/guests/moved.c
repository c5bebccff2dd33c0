/* SPDX-License-Identifier: MIT */
/*
 * Checks itself without end while the domain is saved, restored and moved. Each thread does
 * one kind of thing, checks it, and counts; the main one prints a numbered line whenever
 * all have gone on since the last. What must not be begins with "wrong". SIGTERM ends it,
 * with how much longer CLOCK_BOOTTIME is than CLOCK_MONOTONIC, in seconds, and status 7.
 * With the argument "apart" the first thread ends, and another one does its work.
 */
#include <atman/xenstore.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PATIENCE_MS = 30000 };

static const int64_t NS = 1000000000;

static void wrong(const char *what) {
    printf("wrong: %s\n", what);
    fflush(stdout);
    exit(1);
}

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition))                                                                  \
            wrong(#condition);                                                             \
    } while (0)

static int64_t now(clockid_t clock) {
    struct timespec t;

    REQUIRE(clock_gettime(clock, &t) == 0);
    return t.tv_sec * NS + t.tv_nsec;
}

/* --- what the threads do: each call is one round -----------------------------------------
 */

static void spin(void) {
    for (volatile int i = 0; i < 100000; i++)
        ;
}

/* Vector registers that no call saves. */
static void calculate(void) {
    typedef double vector __attribute__((vector_size(16)));
    vector x = {1, 2}, sum = {0, 0};

    for (int i = 0; i < 20000; i++) {
        sum += x;
        __asm__ volatile("" : "+x"(sum), "+x"(x));
    }
    for (int i = 0; i < 2; i++)
        REQUIRE(sum[i] == 20000.0 * (i + 1));
}

/* The same for all threads and vCPUs. */
static void look_at_clocks(void) {
    static _Atomic int64_t latest;

    for (int i = 0; i < 100; i++) {
        int64_t before = latest, t = now(CLOCK_MONOTONIC);
        REQUIRE(t >= before);
        while (before < t && !atomic_compare_exchange_weak(&latest, &before, t))
            ;
    }
    /* CLOCK_BOOTTIME counts of the time away what the wall clock says; the domain may be
     * away between two looks. */
    static int64_t base;
    int64_t first = now(CLOCK_REALTIME), boot = now(CLOCK_BOOTTIME);
    int64_t last = now(CLOCK_REALTIME);
    if (!base)
        base = first - boot;
    REQUIRE(first - boot < base + NS && last - boot > base - NS);
}

/* No page that was not written to has anything in it; what was written stays. */
static void change_memory(void) {
    enum { PAGES = 100 };
    static unsigned round;
    unsigned char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    REQUIRE(p != MAP_FAILED);
    round++;
    for (unsigned i = 0; i < PAGES; i++) {
        REQUIRE(!p[i * PAGE]);
        memset(p + i * PAGE, (int)(i + round), PAGE);
    }
    REQUIRE(mprotect(p, PAGES / 2 * PAGE, PROT_NONE) == 0);
    REQUIRE(mprotect(p, PAGES / 2 * PAGE, PROT_READ) == 0);
    for (unsigned i = 0; i < PAGES * PAGE; i++)
        REQUIRE(p[i] == (unsigned char)(i / PAGE + round));
    REQUIRE(munmap(p, PAGES * PAGE) == 0);
}

/* Written once, and from then on only read. */
static void check_memory(void) {
    enum { WORDS = 1 << 19 };
    static uint64_t *words;

    if (!words) {
        words = malloc(WORDS * sizeof *words);
        REQUIRE(words);
        for (uint64_t i = 0; i < WORDS; i++)
            words[i] = i * 0x9e3779b97f4a7c15u;
    }
    for (uint64_t i = 0; i < WORDS; i++)
        REQUIRE(words[i] == i * 0x9e3779b97f4a7c15u);
}

/* Never too early; and not for as long as the domain was away, or for ever. */
static void sleep_a_little(void) {
    struct timespec wait = {.tv_nsec = 20000000};
    int64_t before = now(CLOCK_MONOTONIC);

    REQUIRE(nanosleep(&wait, NULL) == 0 || errno == EINTR);
    REQUIRE(errno == EINTR || now(CLOCK_MONOTONIC) - before >= wait.tv_nsec);
    errno = 0;
}

static void use_file(void) {
    static char text[3 * PAGE], back[sizeof text];
    static unsigned round;
    int fd = open("/file", O_RDWR | O_CREAT, 0600);

    REQUIRE(fd >= 0);
    memset(text, 'a' + (int)(round++ % 26), sizeof text);
    REQUIRE(pwrite(fd, text, sizeof text, 100) == sizeof text);
    REQUIRE(pread(fd, back, sizeof back, 100) == sizeof back);
    REQUIRE(memcmp(text, back, sizeof text) == 0 && close(fd) == 0);
}

static atomic_ulong blocks; /* that went to the disk and came back */

/* If there is a disk: what was written is what is read, past the cache. */
static void use_disk(void) {
    enum { PLACES = 100 };
    static char block[4 * PAGE] __attribute__((aligned(PAGE))),
        back[sizeof block] __attribute__((aligned(PAGE)));
    static unsigned round;
    off_t at = (off_t)(round % PLACES) * (off_t)sizeof block;
    int fd = open("/dev/xvda", O_RDWR | O_DIRECT);

    if (fd < 0) {
        REQUIRE(errno == ENOENT || errno == ENXIO || errno == ENODEV);
        usleep(100000);
        return;
    }
    memset(block, (int)(round++ % 251), sizeof block);
    REQUIRE(pwrite(fd, block, sizeof block, at) == sizeof block);
    REQUIRE(round % 16 || fsync(fd) == 0);
    REQUIRE(pread(fd, back, sizeof back, at) == sizeof back);
    REQUIRE(memcmp(block, back, sizeof block) == 0 && close(fd) == 0);
    blocks++;
}

/* How long the domain has been nowhere so far. */
static int64_t away(void) {
    return now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC);
}

/* The domain's own directory is a new one after a move, in which nothing is yet. */
static void use_store(void) {
    static unsigned round;
    char want[16], got[16] = "";
    int size = snprintf(want, sizeof want, "%u", round++);
    int64_t before = away();

    REQUIRE(atman_xenstore_write(0, "data/moved", want, (size_t)size) == 0);
    long length = atman_xenstore_read(0, "data/moved", got, sizeof got);
    REQUIRE(length >= 0 || length == -ENOENT);
    if (away() - before < NS / 10)
        REQUIRE(length == size && strcmp(want, got) == 0);
}

/* It is there as a whole, or begun again. */
static void use_transactions(void) {
    unsigned transaction, text = 0;
    char got[16] = "";

    REQUIRE(atman_xenstore_begin(&transaction) == 0);
    int error = atman_xenstore_write(transaction, "data/sum", "1", 1);
    spin();
    if (!error)
        error = (int)atman_xenstore_read(transaction, "data/sum", got, sizeof got);
    REQUIRE(error == 1 || error == -EAGAIN);
    text = *got == '1';
    int end = atman_xenstore_end(transaction, error == 1);
    REQUIRE(end == 0 || end == -EAGAIN);
    REQUIRE(error == -EAGAIN || text);
}

/* Whoever watches is told also of what is written after a move. */
static void watch(void) {
    static int number;
    static unsigned round;
    char value[16];

    if (!number)
        REQUIRE((number = atman_xenstore_watch("data/watched")) > 0);
    while (atman_xenstore_wait(number, 0) == 0)
        ;
    int size = snprintf(value, sizeof value, "%u", round++);
    REQUIRE(atman_xenstore_write(0, "data/watched", value, (size_t)size) == 0);
    int result = atman_xenstore_wait(number, PATIENCE_MS);
    REQUIRE(result == 0 || result == -EINTR);
}

/* Two threads that let each other go on. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static bool turn;

static void take_turns(bool mine) {
    pthread_mutex_lock(&mutex);
    while (turn != mine)
        pthread_cond_wait(&turned, &mutex);
    turn = !mine;
    pthread_cond_signal(&turned);
    pthread_mutex_unlock(&mutex);
}

static void tick(void) {
    take_turns(false);
}

static void tock(void) {
    take_turns(true);
}

static void use_pipe(void) {
    static int end[2];
    char text[] = "through the pipe", back[sizeof text];

    REQUIRE(*end || pipe(end) == 0);
    REQUIRE(write(end[1], text, sizeof text) == sizeof text);
    REQUIRE(read(end[0], back, sizeof back) == sizeof back && !strcmp(text, back));
}

/* --- all of them
 * -------------------------------------------------------------------------- */

static struct worker {
    const char *name;
    void (*round)(void);
    atomic_ulong rounds;
} workers[] = {
    {"spin", spin, 0},
    {"calculate", calculate, 0},
    {"clocks", look_at_clocks, 0},
    {"change", change_memory, 0},
    {"check", check_memory, 0},
    {"sleep", sleep_a_little, 0},
    {"file", use_file, 0},
    {"store", use_store, 0},
    {"transactions", use_transactions, 0},
    {"watch", watch, 0},
    {"tick", tick, 0},
    {"tock", tock, 0},
    {"pipe", use_pipe, 0},
    {"disk", use_disk, 0},
};

enum { WORKERS = sizeof workers / sizeof *workers };

static atomic_ulong alarms;
static volatile sig_atomic_t is_asked;

static void *work(void *argument) {
    struct worker *w = argument;

    for (;;) {
        w->round();
        w->rounds++;
    }
}

static void handle(int signal) {
    if (signal == SIGTERM)
        is_asked = 1;
    else
        alarms++;
}

static void start(void) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    struct itimerspec every = {.it_value.tv_nsec = 10000000,
                               .it_interval.tv_nsec = 10000000};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    pthread_t thread;

    REQUIRE(sigaction(SIGTERM, &action, NULL) == 0 &&
            sigaction(SIGUSR1, &action, NULL) == 0);
    REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    REQUIRE(timer_settime(timer, 0, &every, NULL) == 0);
    for (int i = 0; i < WORKERS; i++)
        REQUIRE(pthread_create(&thread, NULL, work, &workers[i]) == 0);
}

/* Until all have done something more; says who does not. */
static void wait_for_all(void) {
    unsigned long before[WORKERS + 1];
    int64_t limit = now(CLOCK_MONOTONIC) + PATIENCE_MS * (NS / 1000);

    for (int i = 0; i < WORKERS; i++)
        before[i] = workers[i].rounds;
    before[WORKERS] = alarms;
    for (int i = 0; i <= WORKERS; i++)
        while ((i < WORKERS ? workers[i].rounds : alarms) == before[i] && !is_asked) {
            if (now(CLOCK_MONOTONIC) > limit)
                wrong(i < WORKERS ? workers[i].name : "alarms");
            usleep(1000);
        }
}

static void *tell(void *nothing) {
    for (unsigned long n = 0; !is_asked; n++) {
        wait_for_all();
        printf("line %lu: all go on\n", n);
        fflush(stdout);
    }
    printf("%lu blocks\n", blocks);
    printf("away %lld s\n", (long long)(away() / NS));
    exit(7);
    return nothing;
}

int main(int argc, char **argv) {
    pthread_t thread;

    start();
    if (argc < 2 || strcmp(argv[1], "apart"))
        tell(NULL);
    REQUIRE(!pthread_create(&thread, NULL, tell, NULL));
    pthread_exit(NULL);
}
