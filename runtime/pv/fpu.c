/* SPDX-License-Identifier: MIT */
/*
 * Floating-point and vector state, whole: with XSAVE where Xen lets a guest use it, else
 * with FXSAVE. The area begins with the same 512 bytes in both cases (Intel SDM volume
 * 1, 13.4).
 */
#include "base/string.h"
#include "pv/switch.h"

enum {
    FXSAVE_SIZE = 512,
    X87_CONTROL = 0,
    MXCSR = 24,
    CPUID_1_ECX_OSXSAVE = 1 << 27,
};

static size_t xsave_size; /* 0: not found out yet; FXSAVE_SIZE: no XSAVE */

static size_t find_size(void) {
    uint32_t a = 1, b, c = 0, d;

    __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(c & CPUID_1_ECX_OSXSAVE))
        return FXSAVE_SIZE;
    a = 0xd;
    c = 0;
    __asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return b; /* of what is enabled */
}

size_t fpu_size(void) {
    if (!xsave_size)
        xsave_size = find_size();
    return xsave_size;
}

void fpu_init(void *area) {
    char *at = area;

    memset(area, 0, fpu_size());
    __asm__ __volatile__("fnstcw %0" : "=m"(*(uint16_t *)(at + X87_CONTROL)));
    __asm__ __volatile__("stmxcsr %0" : "=m"(*(uint32_t *)(at + MXCSR)));
}

void fpu_save(void *area) {
    if (xsave_size > FXSAVE_SIZE)
        __asm__ __volatile__("xsave64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
    else
        __asm__ __volatile__("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_load(const void *area) {
    if (xsave_size > FXSAVE_SIZE)
        __asm__ __volatile__("xrstor64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
    else
        __asm__ __volatile__("fxrstor64 (%0)" : : "r"(area) : "memory");
}
