/* SPDX-License-Identifier: MIT */
/*
 * Every call of runtime/syscalls.def with arguments at random, most of them bad, from
 * several threads, by function and by `syscall` instruction: each returns something that is
 * a result or an errno, nobody else's memory changes, and afterwards all works as before.
 * What would end the program or take its own memory away is kept from doing so.
 */
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "random.h"
#include "raw/raw.h"
#include "thread/thread.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

enum { THREADS = 3, CALLS = 6000, PAGE = 4096, KEPT_PAGES = 8 };

static const struct {
    const char *name;
    int number, arguments;
} listed[] = {
#define SYSCALL(number, name, count, handler) {#name, number, count},
#include "../../../runtime/syscalls.def"
#undef SYSCALL
};

/* A page each thread may have written to, with nothing behind it; what it unmaps and maps
 * again; and pages that nobody is told of. */
static _Thread_local char *scratch, *playground;
static char *kept[THREADS], *constant, *none;

static volatile int tids[THREADS], ready, running;
static const char *volatile current[THREADS]; /* for who debugs this */

static uint64_t below(uint64_t limit) {
    static _Thread_local uint64_t state;

    if (!state)
        state = random_state + (uint64_t)gettid_now() * 0x9e3779b97f4a7c15;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % limit;
}

static long bad_pointer(void) {
    const long bad[] = {0,
                        1,
                        8,
                        -1,
                        -8,
                        -4096,
                        0x7ffffffff000,
                        0x7fffffffeffc,
                        1l << 47,
                        (long)(1ul << 63),
                        (long)0xffff800000000000,
                        (long)0xffff830000000008,
                        (long)0xffff888000000000,
                        (long)0xffffffff80000000,
                        (long)none,
                        (long)none + 4092,
                        (long)constant,
                        (long)constant + 4090,
                        (long)scratch + PAGE,
                        (long)scratch + PAGE - 3,
                        (long)bad_pointer};

    return bad[below(LENGTH(bad))];
}

/* NULL in place of the bad pointers that can be read, if not written: Xen shows every
 * guest its table of frames, from the first address of the upper half on. */
static long unreadable(long pointer) {
    int code = pointer == (long)bad_pointer;
    int data = pointer == (long)constant || pointer == (long)constant + 4090;
    int frames = (unsigned long)pointer >> 47 == 0x1ffff;

    return code || data || frames ? 0 : pointer;
}

static long small_number(void) {
    static const long numbers[] = {
        -1, 0,  1,  2,  3,   4,   5,    6,    7,    8,          9,          10,
        16, 63, 64, 65, 128, 256, 4095, 4096, 4097, 0x7fffffff, 0x80000000, -4096};

    return numbers[below(LENGTH(numbers))];
}

static long any_argument(void) {
    switch (below(5)) {
    case 0:
        return small_number();
    case 1:
        return (long)below(1 << 12);
    case 2: /* with little behind it */
        return (long)scratch + PAGE - 8 * (long)(1 + below(40));
    default:
        return bad_pointer();
    }
}

static int is(int number, const int *list) {
    while (*list >= 0 && *list != number)
        list++;
    return *list >= 0;
}

/* Its end, its one wait that no signal ends, its thread pointer and its exit's word. */
static const int never[] = {SYS_exit,  SYS_exit_group,    SYS_brk,      SYS_set_tid_address,
                            SYS_pause, SYS_rt_sigsuspend, SYS_mlockall, -1};
/* Signals must go on arriving, and their handlers be called: no mask or action is read. */
static const int without_memory[] = {
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_set_robust_list, SYS_ppoll,
    SYS_pselect6,     SYS_epoll_pwait,    SYS_epoll_pwait2,    -1};
/* Standard output stays what it is, and gets no second descriptor. */
static const int with_descriptor[] = {
    SYS_close, SYS_write, SYS_writev, SYS_pwrite64, SYS_close_range, SYS_pwritev2,
    SYS_dup,   SYS_dup2,  SYS_dup3,   SYS_fcntl,    SYS_sendfile,    -1};
static const int with_second[] = {SYS_dup2, SYS_dup3, -1};
static const int with_range[] = {
    SYS_mmap,  SYS_munmap,  SYS_mprotect, SYS_mremap,  SYS_madvise, SYS_msync,
    SYS_mlock, SYS_munlock, SYS_mlock2,   SYS_mincore, -1};
static const int with_signal[] = {
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, -1};

/* A range of the playground, or one that cannot be any. */
static void choose_range(int number, long *a) {
    static const long sizes[] = {0, 1, PAGE, 2 * PAGE, 5 * PAGE - 1};

    if (below(2)) {
        a[0] = (long)playground + (long)below(10) * PAGE;
        a[1] = sizes[below(LENGTH(sizes))];
    } else {
        a[0] = (long)(below(2) ? 1ul << 47 : 0xffff800000000000) + (long)below(3) * PAGE;
        a[1] = small_number();
    }
    if (number == SYS_mmap) {
        a[2] = (long)below(8);
        a[3] =
            (long)(below(4) | (below(3) ? MAP_ANONYMOUS : 0) | (below(2) ? MAP_FIXED : 0) |
                   (below(4) ? 0 : MAP_POPULATE) | (below(8) ? 0 : 1u << below(24)));
    } else if (number == SYS_mremap) {
        a[2] = sizes[below(LENGTH(sizes))];
        a[3] = (long)below(8);
        a[4] = (long)playground + (long)below(14) * PAGE;
    } else if (number == SYS_mprotect) {
        a[2] = (long)below(9);
    }
}

static void choose(int number, long *a) {
    static const int signals[] = {0, SIGURG, SIGUSR1, 40, 65, -1};
    static struct timespec soon = {.tv_nsec = 1000};

    for (int i = 0; i < 6; i++)
        a[i] = is(number, without_memory) ? unreadable(bad_pointer()) : any_argument();
    if (is(number, with_descriptor))
        a[0] = 3 + (a[0] & 0xff);
    if (is(number, with_second))
        a[1] = 3 + (a[1] & 0xff);
    if (is(number, with_range))
        choose_range(number, a);
    if (is(number, with_signal))
        a[1 + (number == SYS_tgkill || number == SYS_rt_tgsigqueueinfo)] =
            signals[below(LENGTH(signals))];
    if (number == SYS_fcntl && ((int)a[1] == F_SETOWN || (int)a[1] == 15 /* F_SETOWN_EX */))
        a[1] = F_GETFD; /* a file that becomes ready may then send any signal */
    if (number == SYS_arch_prctl)
        a[0] = 0x1003 + (long)below(3);
    if (number == SYS_futex) {
        a[1] = (long)(below(15) | (below(2) ? 128 : 0) | (below(8) ? 0 : 256));
        a[3] = below(2) ? (long)&soon : bad_pointer();
    }
}

static long do_call(int number, const long *a) {
    if (below(2))
        return RAW(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result == -1 && errno ? -errno : result;
}

static void *run(void *argument) {
    long thread = (long)argument;
    long a[6];

    scratch =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(scratch + PAGE, PAGE);
    playground = mmap(NULL, 20 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    store(&tids[thread], gettid_now());
    add(&ready, 1);
    CHECK(await(&ready, THREADS)); /* no stack is to come where something was unmapped */
    for (int i = 0; i < CALLS; i++) {
        size_t which = below(LENGTH(listed));
        int number = listed[which].number;
        if (is(number, never))
            continue;
        memset(scratch + PAGE - 512, (int)below(3), 512);
        choose(number, a);
        current[thread] = listed[which].name;
        long result = do_call(number, a);
        if (!CHECK((unsigned long)result < (unsigned long)-4095 ||
                   (result < 0 && result >= -133)))
            printf("    %s: %ld\n", listed[which].name, result);
    }
    add(&running, -1);
    return NULL;
}

static void nothing(int signal) {
    (void)signal;
}

static void crash(int signal, siginfo_t *info, void *context) {
    (void)context;
    printf("signal %d at %p, %s, %s, %s\n", signal, info->si_addr, current[0], current[1],
           current[2]);
    _exit(1);
}

static void handle_all(void) {
    struct sigaction action = {.sa_handler = nothing};

    for (int i = 1; i <= 64; i++)
        if (i < 32 || i >= SIGRTMIN)
            sigaction(i, &action, NULL);
    action.sa_sigaction = crash;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
}

/* No wait is for ever. */
static void disturb_until_done(void) {
    while (load(&running))
        for (int i = 0; i < THREADS; i++) {
            if (load(&tids[i]))
                syscall(SYS_tkill, tids[i], SIGUSR2);
            sleep_ms(1);
        }
}

static void *add_one(void *argument) {
    return (char *)argument + 1;
}

static void check_all_works(void) {
    for (int i = 0; i < THREADS; i++)
        for (int j = 0; j < KEPT_PAGES * PAGE; j++)
            if (kept[i][j] != 0x5a) {
                CHECK(!"memory that no call was told of is as it was");
                break;
            }
    for (int i = 0; i < PAGE; i++)
        if (constant[i])
            CHECK(!"read-only memory is as it was");
    for (int i = 0; i < 20; i++)
        CHECK_EQUAL(finish(start(add_one, (void *)(long)i)), i + 1);
    void *p = malloc(100000);
    CHECK(p != NULL);
    free(p);
    int64_t before = now_ns(CLOCK_MONOTONIC);
    sleep_ms(3);
    CHECK(now_ns(CLOCK_MONOTONIC) - before >= 3 * MS);
}

int main(void) {
    pthread_t threads[THREADS];

    random_start();
    handle_all();
    constant = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < THREADS; i++) {
        kept[i] = mmap(NULL, KEPT_PAGES * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(kept[i], 0x5a, KEPT_PAGES * PAGE);
    }
    store(&running, THREADS);
    for (long i = 0; i < THREADS; i++)
        threads[i] = start(run, (void *)i);
    disturb_until_done();
    for (int i = 0; i < THREADS; i++)
        finish(threads[i]);
    check_all_works();
    return checks_end();
}
