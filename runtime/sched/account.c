/* SPDX-License-Identifier: MIT */
#include "sched/account.h"

#include "log/log.h"
#include "sched/clock.h"
#include "sched/cputime.h"
#include "sched/vcpu.h"

enum { NS_PER_US = 1000, PARTS = 10000 };

static void log_vcpu(const struct vcpu *v) {
    uint64_t all = cputime_ns(cputime_ticks() - v->began);
    uint64_t ran = clock_run(v->index) - (v->index ? 0 : cputime_alone);
    uint64_t parts = all ? ran * PARTS / all : 0;

    log_debug("vCPU %u ran %lu us of %lu, %lu.%02lu %%, and had %u timer interrupts",
              v->index, ran / NS_PER_US, all / NS_PER_US, parts / 100, parts % 100,
              v->timer_interrupts);
}

void account_log(void) {
    if (!log_shows(LOG_DEBUG))
        return;
    for (unsigned i = 0; i < vcpus_started; i++)
        log_vcpu(vcpu_of(i));
}
