/* SPDX-License-Identifier: MIT */
/* trace/line.c and what it prints with: whole lines, halves of lines, and every kind. */
#include "test.h"
#include "trace/arguments.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "signal/signal.h"

struct run {
    struct trace_call call;
    long values[TRACE_ARGUMENTS];
    struct trace_run run;
};

#define BEGIN(run, call, ...) begin(run, #call, SYS_##call, (long[6]){__VA_ARGS__})

static void begin(struct run *r, const char *name, unsigned number, const long *values) {
    r->call = (struct trace_call){.name = name, .number = (uint16_t)number};
    for (unsigned i = 0; i < TRACE_ARGUMENTS; i++)
        if (trace_shape(number)->kinds[i] != AS_NUMBER)
            r->call.count = (uint8_t)(i + 1);
    memcpy(r->values, values, sizeof r->values);
    r->run.call = &r->call;
    r->run.arguments = r->values;
    r->run.start = UINT64_C(5000000000) + world_time;
    r->run.mark = 0;
    trace_line_begin(&r->run);
}

static void end(struct run *r, long result) {
    trace_line_end(&r->run, result, 1234000);
}

/* A run that nothing comes between; what was printed, less stamp and duration. */
#define LINE(result, call, ...) line(result, #call, SYS_##call, (long[6]){__VA_ARGS__})

static const char *line(long result, const char *name, unsigned number,
                        const long *values) {
    static char text[TRACE_LINE];
    struct run r;

    begin(&r, name, number, values);
    end(&r, result);
    strcpy(text, world_written() + strlen("atman: [1] 0.000000 "));
    char *duration = strrchr(text, '<');
    CHECK_TEXT(duration, "<0.001234>\n");
    if (duration)
        duration[-1] = '\0';
    return text;
}

TEST(stamp_thread_and_duration) {
    struct run r;

    world_time = 3000042999;
    world_thread = 7;
    BEGIN(&r, getppid, 0);
    CHECK_TEXT(world_written(), "");
    end(&r, 1);
    CHECK_TEXT(world_written(), "atman: [7] 3.000042 getppid() = 1 <0.001234>\n");
    world_time = 0;
    world_thread = 1;
}

TEST(a_line_that_another_comes_between) {
    struct run a, b;

    BEGIN(&a, write, 1, (long)"x", 1);
    world_thread = 2;
    BEGIN(&b, getppid, 0);
    CHECK_TEXT(world_written(), "atman: [1] 0.000000 write(1, \"x\", 1 <unfinished ...>\n");
    world_thread = 1;
    world_time = 2000;
    end(&a, 1);
    CHECK_TEXT(world_written(),
               "atman: [2] 0.000000 getppid( <unfinished ...>\n"
               "atman: [1] 0.000002 <... write resumed>) = 1 <0.001234>\n");
    world_thread = 2;
    end(&b, 5);
    CHECK_TEXT(world_written(),
               "atman: [2] 0.000002 <... getppid resumed>) = 5 <0.001234>\n");
    world_thread = 1;
    world_time = 0;
}

TEST(a_call_that_never_returns) {
    struct run r;

    BEGIN(&r, exit_group, 3);
    CHECK_TEXT(world_written(), "atman: [1] 0.000000 exit_group(3) = ?\n");
    BEGIN(&r, tkill, 1, SIGINT);
    CHECK_TEXT(world_written(), "");
    trace_line_flush();
    CHECK_TEXT(world_written(), "atman: [1] 0.000000 tkill(1, SIGINT <unfinished ...>\n");
    trace_line_flush();
    CHECK_TEXT(world_written(), "");
}

TEST(a_call_that_waits_is_shown_at_once) {
    struct timespec t = {1, 500};
    struct run r;

    BEGIN(&r, nanosleep, (long)&t, (long)&t);
    CHECK_TEXT(world_written(),
               "atman: [1] 0.000000 nanosleep({tv_sec=1, tv_nsec=500} <unfinished ...>\n");
    end(&r, -EINTR);
    CHECK(strstr(world_written(), "<... nanosleep resumed>, {tv_sec=1, tv_nsec=500})"));
    BEGIN(&r, nanosleep, (long)&t, (long)&t);
    world_written();
    end(&r, 0);
    CHECK(strstr(world_written(), "<... nanosleep resumed>, 0x"));
    BEGIN(&r, futex, 0x1000, 128, 2, 0);
    CHECK_TEXT(world_written(), "atman: [1] 0.000000 futex(0x1000, FUTEX_WAIT|"
                                "FUTEX_PRIVATE_FLAG, 2, NULL, NULL, 0 <unfinished ...>\n");
    end(&r, -EAGAIN);
    CHECK_TEXT(world_written(),
               "atman: [1] 0.000000 <... futex resumed>) = -1 EAGAIN <0.001234>\n");
    CHECK_TEXT(LINE(0, futex, 0x1000, 129, 1),
               "futex(0x1000, FUTEX_WAKE|FUTEX_PRIVATE_FLAG, 1, 0, NULL, 0) = 0");
}

TEST(data_is_quoted_and_cut) {
    static const char many[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    CHECK_TEXT(LINE(5, write, 1, (long)"a\t\"\\\n", 5),
               "write(1, \"a\\t\\\"\\\\\\n\", 5) = 5");
    CHECK_TEXT(LINE(6, write, 1,
                    (long)"\0\0011\xff\x08"
                          "9",
                    6),
               "write(1, \"\\0\\0011\\377\\0109\", 6) = 6");
    CHECK_TEXT(LINE(36, write, 1, (long)many, 36),
               "write(1, \"0123456789abcdefghijklmnopqrstuv\"..., 36) = 36");
    CHECK_TEXT(LINE(32, write, 1, (long)many, 32),
               "write(1, \"0123456789abcdefghijklmnopqrstuv\", 32) = 32");
    CHECK_TEXT(LINE(2, pread64, 3, (long)many, 100, 7), "pread64(3, \"01\", 100, 7) = 2");
}

TEST(what_cannot_be_read_is_an_address) {
    CHECK_TEXT(LINE(-EFAULT, write, 1, 0x10, 5), "write(1, 0x10, 5) = -1 EFAULT");
    CHECK_TEXT(LINE(-EFAULT, write, 1, 0, 5), "write(1, NULL, 5) = -1 EFAULT");
    CHECK_TEXT(LINE(-EFAULT, pread64, 1, -1, 5, 0),
               "pread64(1, 0xffffffffffffffff, 5, 0) = -1 EFAULT");
    CHECK_TEXT(LINE(-ENOENT, open, 0x20, O_RDWR), "open(0x20, O_RDWR, 0000) = -1 ENOENT");
    CHECK_TEXT(LINE(-EFAULT, sigaltstack, 8, 0), "sigaltstack(0x8, NULL) = -1 EFAULT");
    CHECK_TEXT(LINE(-EFAULT, writev, 1, 8, 3), "writev(1, [0x8], 3) = -1 EFAULT");
}

TEST(flags_and_names) {
    CHECK_TEXT(LINE(0x7000, mmap, 0, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
               "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) "
               "= 0x7000");
    CHECK_TEXT(LINE(0, mprotect, 0x1000, 1, 0), "mprotect(0x1000, 1, PROT_NONE) = 0");
    CHECK_TEXT(LINE(0, mprotect, 0x1000, 1, 0x80001),
               "mprotect(0x1000, 1, PROT_READ|0x80000) = 0");
    CHECK_TEXT(LINE(-EINVAL, madvise, 0x1000, 1, 99),
               "madvise(0x1000, 1, 0x63) = -1 EINVAL");
    CHECK_TEXT(LINE(3, open, (long)"/a b", O_WRONLY | O_CREAT, 0644),
               "open(\"/a b\", O_WRONLY|O_CREAT, 0644) = 3");
    CHECK_TEXT(LINE(-4095, tkill, 1, 40), "tkill(1, SIGRT_8) = -1 4095");
    CHECK_TEXT(LINE(3, openat, AT_FDCWD, (long)"x", 0, 0),
               "openat(AT_FDCWD, \"x\", O_RDONLY, 0000) = 3");
}

TEST(structures) {
    struct signal_action action = {
        .handler = SIG_IGN, .flags = SA_SIGINFO | 0x40, .mask = 3};
    uint64_t all = ~UINT64_C(0) & ~UINT64_C(4);
    struct iovec parts[5] = {{"ab", 2}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}};

    CHECK_TEXT(LINE(0, rt_sigaction, SIGHUP, (long)&action, 0, 8),
               "rt_sigaction(SIGHUP, {sa_handler=SIG_IGN, sa_mask=[SIGHUP SIGINT], "
               "sa_flags=SA_SIGINFO|0x40}, NULL, 8) = 0");
    CHECK_TEXT(LINE(0, rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8),
               "rt_sigprocmask(SIG_SETMASK, ~[SIGQUIT], NULL, 8) = 0");
    CHECK_TEXT(
        LINE(3, writev, 1, (long)parts, 2),
        "writev(1, [{iov_base=\"ab\", iov_len=2}, {iov_base=\"c\", iov_len=1}], 2) = 3");
    CHECK(strstr(LINE(6, writev, 1, (long)parts, 5),
                 "{iov_base=\"e\", iov_len=1}, ...], 5)"));
    /* Of what was read, no more than was read. */
    CHECK_TEXT(
        LINE(1, preadv, 9, (long)parts, 2, 0),
        "preadv(9, [{iov_base=\"a\", iov_len=2}, {iov_base=\"\", iov_len=1}], 2, 0) = 1");
}

/* The end of a line is there however long its middle would be. */
TEST(long_lines_are_cut) {
    char wild[64];
    struct iovec parts[4] = {{wild, 64}, {wild, 64}, {wild, 64}, {wild, 64}};

    memset(wild, 0xff, sizeof wild);
    const char *text = LINE(-EINVAL, pwritev, 1, (long)parts, 4, 0);
    CHECK(strlen(text) < TRACE_LINE);
    CHECK_TEXT(strrchr(text, '='), "= -1 EINVAL");
}
