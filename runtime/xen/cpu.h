/* SPDX-License-Identifier: MIT */
/* What the processor can do, as Xen shows it to this domain. */
#ifndef ATMAN_XEN_CPU_H
#define ATMAN_XEN_CPU_H

#include "base.h"

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

/*
 * CPUID with leaf in eax and subleaf in ecx. The prefix makes Xen answer; the plain
 * instruction would tell about the machine, not about the domain
 * (xen/include/public/arch-x86/xen.h, XEN_EMULATE_PREFIX).
 */
static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf) {
    struct cpuid r;

    __asm__ __volatile__("ud2; .ascii \"xen\"; cpuid"
                         : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                         : "a"(leaf), "c"(subleaf));
    return r;
}

#endif
