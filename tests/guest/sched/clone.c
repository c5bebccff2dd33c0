/* SPDX-License-Identifier: MIT */
/*
 * The clone call itself: threads with each of the flags that go with them, words set and
 * cleared, registers handed down, wrong pointers and combinations refused.
 */
// native:
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "sched/raw_thread.h"

#include <sys/mman.h>

enum { STACK = 65536, THREADS = 8 };

static char stacks[THREADS][STACK] __attribute__((aligned(4096)));
static int child_tids[THREADS], parent_tids[THREADS];
static volatile int ran, may_end, seen_tids[THREADS];

/* Runs without thread-local storage: no errno, no CHECK. */
static int record(void *argument) {
    long number = (long)argument;

    store(&seen_tids[number], (int)raw_call(SYS_gettid, 0, 0, 0, 0));
    add(&ran, 1);
    while (!load(&may_end))
        raw_call(SYS_sched_yield, 0, 0, 0, 0);
    return 0;
}

/* Waits until the kernel has cleared the word, as pthread_join does. */
static void await_cleared(int *word) {
    for (int value; (value = load(word)) != 0;)
        syscall(SYS_futex, word, 0 /* FUTEX_WAIT */, value, NULL);
}

static void test_words(void) {
    for (int i = 0; i < THREADS; i++) {
        struct clone_call call = {.flags = THREAD_FLAGS | CLONE_PARENT_SETTID |
                                           CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
                                  .stack = stacks[i] + STACK,
                                  .parent_tid = &parent_tids[i],
                                  .child_tid = &child_tids[i]};
        long tid = raw_clone(&call, record, (void *)(long)i);

        CHECK(tid > 0 && tid != getpid());
        CHECK_EQUAL(parent_tids[i], tid); /* when clone returns */
        parent_tids[i] = (int)tid;
    }
    CHECK(await(&ran, THREADS));
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQUAL(seen_tids[i], parent_tids[i]);
        CHECK_EQUAL(child_tids[i], parent_tids[i]);
        for (int j = 0; j < i; j++)
            CHECK(parent_tids[i] != parent_tids[j]);
    }
    store(&may_end, 1);
    for (int i = 0; i < THREADS; i++) {
        await_cleared(&child_tids[i]);
        CHECK_EQUAL(parent_tids[i], seen_tids[i]); /* that one stays */
    }
}

static volatile int new_word;

/* set_tid_address names another word to clear. */
static int change_address(void *argument) {
    long tid = raw_call(SYS_gettid, 0, 0, 0, 0);

    *(volatile long *)argument =
        raw_call(SYS_set_tid_address, (long)&new_word, 0, 0, 0) - tid;
    store(&new_word, (int)tid);
    return 0;
}

static void test_set_tid_address(void) {
    volatile long difference = 1;
    struct clone_call call = {.flags = THREAD_FLAGS | CLONE_CHILD_CLEARTID,
                              .stack = stacks[0] + STACK,
                              .child_tid = &child_tids[0]};

    child_tids[0] = 77;
    store(&new_word, -1);
    CHECK(raw_clone(&call, change_address, (void *)&difference) > 0);
    while (load(&new_word) == -1)
        sleep_ms(1);
    await_cleared((int *)&new_word);
    CHECK_EQUAL(difference, 0);
    CHECK_EQUAL(child_tids[0], 77);
}

static int count(void *argument) {
    (void)argument;
    add(&ran, 1);
    return 0;
}

/* Pointers that are wrong lead to nothing being written, and to nothing else. */
static void test_wrong_pointers(void) {
    static int *const wrong[] = {NULL, (int *)8, (int *)-4096, (int *)(1ul << 50),
                                 (int *)0xffff830000000000};

    store(&ran, 0);
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct clone_call call = {.flags = THREAD_FLAGS | CLONE_PARENT_SETTID |
                                           CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
                                  .stack = stacks[0] + STACK,
                                  .parent_tid = wrong[i],
                                  .child_tid = wrong[i]};

        CHECK(raw_clone(&call, count, NULL) > 0);
        CHECK(await(&ran, (int)i + 1));
        sleep_ms(5); /* there is no word that says that the stack is free */
    }
}

static void test_refused(void) {
    static const unsigned long flags[] = {
        CLONE_THREAD | CLONE_VM, /* CLONE_SIGHAND is missing */
        CLONE_THREAD,
        CLONE_SIGHAND, /* CLONE_VM is missing */
        CLONE_SIGHAND | CLONE_THREAD,
        THREAD_FLAGS | CLONE_NEWNS, /* CLONE_FS is shared */
        THREAD_FLAGS | CLONE_NEWPID,
        THREAD_FLAGS | CLONE_NEWUSER,
    };

    store(&ran, 0);
    for (size_t i = 0; i < LENGTH(flags); i++) {
        struct clone_call call = {.flags = flags[i], .stack = stacks[0] + STACK};

        if (!CHECK_EQUAL(raw_clone(&call, count, NULL), -EINVAL))
            printf("    flags %zu\n", i);
    }
    CHECK_EQUAL(ran, 0);
    struct clone_call call = {.flags = THREAD_FLAGS | CLONE_SETTLS,
                              .stack = stacks[0] + STACK,
                              .tls = (void *)(1ul << 63)};
    CHECK_EQUAL(raw_clone(&call, count, NULL), -EPERM);
    CHECK_EQUAL(ran, 0);
}

/* With a thread pointer that is the program's to choose. */
static volatile long through_fs;

static int read_fs(void *argument) {
    long value;

    (void)argument;
    __asm__ volatile("mov %%fs:8, %0" : "=r"(value));
    through_fs = value;
    return 0;
}

static void test_thread_pointer(void) {
    static long block[2] = {0, 1234567};
    struct clone_call call = {.flags = THREAD_FLAGS | CLONE_SETTLS | CLONE_CHILD_CLEARTID,
                              .stack = stacks[0] + STACK,
                              .child_tid = &child_tids[0],
                              .tls = block};

    child_tids[0] = 1;
    CHECK(raw_clone(&call, read_fs, NULL) > 0);
    await_cleared(&child_tids[0]);
    CHECK_EQUAL(through_fs, 1234567);
}

/* All registers but rax, rcx, r11 and rsp are the same in the child. */
struct handed_down {
    long registers[10];
    unsigned mxcsr;
    unsigned short control;
};

static volatile int reported;
static struct handed_down handed;

__attribute__((used)) static void report(const struct handed_down *got) {
    memcpy(&handed, got, sizeof handed);
    store(&reported, 1);
}

static long clone_with_registers(char *stack, int *word) {
    long result;

    __asm__ volatile("push %%rbp; push %%rbx\n"
                     "sub $16, %%rsp; stmxcsr (%%rsp); fnstcw 4(%%rsp)\n"
                     "movl $0x7f80, 8(%%rsp); ldmxcsr 8(%%rsp)\n" /* rounds towards zero */
                     "movw $0x0f7f, 8(%%rsp); fldcw 8(%%rsp)\n"
                     "mov %[word], %%r10\n"
                     "mov $0x1111, %%ebx; mov $0x2222, %%ebp; mov $0x3333, %%r12d\n"
                     "mov $0x4444, %%r13d; mov $0x5555, %%r14d; mov $0x6666, %%r15d\n"
                     "mov $0x7777, %%edx; mov $0x8888, %%r8d; mov $0x9999, %%r9d\n"
                     "movq %%r15, %%xmm3\n"
                     "mov $56, %%eax; syscall\n"
                     "test %%rax, %%rax; jnz 1f\n"
                     "sub $128, %%rsp\n"
                     "mov %%rbx, (%%rsp); mov %%rbp, 8(%%rsp); mov %%r12, 16(%%rsp)\n"
                     "mov %%r13, 24(%%rsp); mov %%r14, 32(%%rsp); mov %%r15, 40(%%rsp)\n"
                     "mov %%rdx, 48(%%rsp); mov %%r8, 56(%%rsp); mov %%r9, 64(%%rsp)\n"
                     "movq %%xmm3, 72(%%rsp); stmxcsr 80(%%rsp); fnstcw 84(%%rsp)\n"
                     "mov %%rsp, %%rdi; call report\n"
                     "xor %%edi, %%edi; mov $60, %%eax; syscall\n"
                     "1: fldcw 4(%%rsp); ldmxcsr (%%rsp); add $16, %%rsp\n"
                     "pop %%rbx; pop %%rbp\n"
                     : "=a"(result),
                       "+D"((unsigned long){THREAD_FLAGS | CLONE_CHILD_CLEARTID}),
                       "+S"(stack)
                     : [word] "r"(word)
                     : "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                       "xmm3", "memory");
    return result;
}

static void test_registers(void) {
    static const long wanted[] = {0x1111, 0x2222, 0x3333, 0x4444, 0x5555,
                                  0x6666, 0x7777, 0x8888, 0x9999, 0x6666};

    child_tids[0] = 1;
    CHECK(clone_with_registers(stacks[0] + STACK, &child_tids[0]) > 0);
    await_cleared(&child_tids[0]);
    CHECK_EQUAL(reported, 1);
    for (size_t i = 0; i < LENGTH(wanted); i++)
        CHECK_EQUAL(handed.registers[i], wanted[i]);
    CHECK_EQUAL(handed.mxcsr & 0xffc0, 0x7f80);
    CHECK_EQUAL(handed.control, 0x0f7f);
}

int main(void) {
    RUN(test_words);
    RUN(test_set_tid_address);
    RUN(test_wrong_pointers);
    RUN(test_refused);
    RUN(test_thread_pointer);
    RUN(test_registers);
    return checks_end();
}
