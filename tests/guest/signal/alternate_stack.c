/* SPDX-License-Identifier: MIT */
/*
 * sigaltstack: who runs on it, what it says of itself, what is refused while it is in use;
 * every thread has its own, and none from its creator.
 */
// native: -pthread
// stdout-from: checks
// vcpus: 1 2 4
#define _GNU_SOURCE
#include "check.h"
#include "handlers.h"

#ifndef SS_AUTODISARM
#    define SS_AUTODISARM (1u << 31)
#endif

enum { SIZE = 65536 };

static _Thread_local char *stack;
static _Thread_local volatile int calls, on_stack, deeper;
static _Thread_local stack_t inside;

static int is_on(const char *start) {
    const char *here = __builtin_frame_address(0);

    return here > start && here <= start + SIZE;
}

static void set_stack(char *start, unsigned flags) {
    stack_t s = {.ss_sp = start, .ss_size = SIZE, .ss_flags = (int)flags};

    CHECK_EQUAL(sigaltstack(&s, NULL), 0);
}

static void disable(void) {
    stack_t s = {.ss_flags = SS_DISABLE};

    CHECK_EQUAL(sigaltstack(&s, NULL), 0);
}

static void look(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    calls++;
    on_stack = is_on(stack);
    CHECK_EQUAL(sigaltstack(NULL, &inside), 0);
}

static void test_settings(void) {
    stack_t s = {.ss_sp = stack, .ss_size = SIZE}, old;

    memset(&old, 0x55, sizeof old);
    CHECK_EQUAL(sigaltstack(NULL, NULL), 0);
    CHECK_EQUAL(sigaltstack(NULL, &old), 0);
    CHECK_EQUAL(old.ss_flags, SS_DISABLE);
    CHECK_EQUAL(sigaltstack(&s, &old), 0);
    CHECK_EQUAL(old.ss_flags, SS_DISABLE);
    CHECK_EQUAL(sigaltstack(&s, &old), 0);
    CHECK(old.ss_sp == stack && old.ss_size == SIZE && old.ss_flags == 0);
    s.ss_size = 2047;
    CHECK_FAILS(sigaltstack(&s, NULL), ENOMEM);
    s.ss_size = 0;
    CHECK_FAILS(sigaltstack(&s, NULL), ENOMEM);
    s = (stack_t){.ss_sp = stack, .ss_size = SIZE, .ss_flags = 0x100};
    CHECK_FAILS(sigaltstack(&s, NULL), EINVAL);
    CHECK_EQUAL(sigaltstack(NULL, &old), 0);
    CHECK(old.ss_sp == stack && old.ss_size == SIZE && old.ss_flags == 0);
    disable();
    CHECK_EQUAL(sigaltstack(NULL, &old), 0);
    CHECK_EQUAL(old.ss_flags, SS_DISABLE);
}

static void test_used(void) {
    handle(SIGUSR1, look, SA_ONSTACK);
    calls = 0;
    raise(SIGUSR1);
    CHECK(calls == 1 && !on_stack && inside.ss_flags == SS_DISABLE); /* there is none */
    set_stack(stack, 0);
    raise(SIGUSR1);
    CHECK(calls == 2 && on_stack);
    CHECK(inside.ss_flags == SS_ONSTACK && inside.ss_sp == stack && inside.ss_size == SIZE);
    handle(SIGUSR1, look, 0); /* did not ask for it */
    raise(SIGUSR1);
    CHECK(calls == 3 && !on_stack && inside.ss_flags == 0);
    disable();
}

static void change_inside(int signal, siginfo_t *info, void *context) {
    stack_t s = {.ss_sp = stack, .ss_size = SIZE}, off = {.ss_flags = SS_DISABLE}, old;

    (void)signal, (void)info, (void)context;
    calls++;
    CHECK_FAILS(sigaltstack(&s, NULL), EPERM);
    CHECK_FAILS(sigaltstack(&off, &old), EPERM);
}

static void nest(int signal, siginfo_t *info, void *context) {
    volatile char mine[256];

    (void)info, (void)context;
    memset((void *)mine, ++calls, sizeof mine);
    CHECK(is_on(stack));
    if (calls < 5)
        raise(signal);
    deeper++;
    for (size_t i = 0; i < sizeof mine; i++) /* the deeper one did not run over it */
        if (mine[i] != 6 - deeper) {
            CHECK(!"the frames below are kept");
            break;
        }
}

/* It starts at the top, and only if it is not in use already. */
static void test_nested(void) {
    set_stack(stack, 0);
    calls = 0;
    handle(SIGUSR1, change_inside, SA_ONSTACK);
    raise(SIGUSR1);
    CHECK_EQUAL(calls, 1);
    calls = deeper = 0;
    handle(SIGUSR1, nest, SA_ONSTACK | SA_NODEFER);
    raise(SIGUSR1);
    CHECK(calls == 5 && deeper == 5);
    disable();
}

static void use_another(int signal, siginfo_t *info, void *context) {
    char *other = malloc(SIZE);
    stack_t s = {.ss_sp = other, .ss_size = SIZE}, now;

    (void)signal, (void)info, (void)context;
    calls++;
    CHECK(is_on(stack));
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK_EQUAL(now.ss_flags & ~(int)SS_AUTODISARM, SS_DISABLE);
    CHECK_EQUAL(sigaltstack(&s, NULL), 0); /* no EPERM: it is free to use another */
    free(other);
}

/* SS_AUTODISARM takes the stack away for the handler's time. */
static void test_disarmed(void) {
    stack_t now;

    set_stack(stack, SS_AUTODISARM);
    calls = 0;
    handle(SIGUSR1, use_another, SA_ONSTACK);
    for (int i = 0; i < 3; i++)
        raise(SIGUSR1);
    CHECK_EQUAL(calls, 3);
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK(now.ss_sp == stack && now.ss_size == SIZE);
    CHECK_EQUAL((unsigned)now.ss_flags, SS_AUTODISARM);
    disable();
}

static void test_all(void) {
    stack = malloc(SIZE);
    test_settings();
    test_used();
    test_nested();
    test_disarmed();
    free(stack);
}

static void *run(void *argument) {
    test_all(); /* begins with: there is none */
    return argument;
}

int main(void) {
    static char mine[SIZE];
    pthread_t thread;

    test_all();
    set_stack(mine, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, run, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    stack_t now;
    CHECK_EQUAL(sigaltstack(NULL, &now), 0);
    CHECK(now.ss_sp == mine && now.ss_flags == 0);
    return checks_end();
}
