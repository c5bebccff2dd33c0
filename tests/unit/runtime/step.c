/* SPDX-License-Identifier: MIT */
/* The trap flag, and the signal that it makes. The handler itself runs without the flag. */
#include "step.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "require.h"

static void (*called)(void);
static bool started;

static void on_trap(int signal) {
    (void)signal;
    called();
}

void step_start(void (*between)(void)) {
    const struct sigaction action = {.sa_handler = on_trap};

    called = between;
    started = true;
    REQUIRE(!sigaction(SIGTRAP, &action, NULL));
    step_resume();
}

void step_pause(void) {
    __asm__ __volatile__("pushfq; andl $~0x100, (%%rsp); popfq" ::: "memory", "cc");
}

void step_resume(void) {
    if (started)
        __asm__ __volatile__("pushfq; orl $0x100, (%%rsp); popfq" ::: "memory", "cc");
}

void step_stop(void) {
    step_pause();
    started = false;
}
