/* SPDX-License-Identifier: MIT */
/*
 * Floating-point and vector state, whole: with XSAVE where Xen lets a guest use it, else
 * with FXSAVE. The area begins with the same 512 bytes in both cases (Intel SDM volume
 * 1, 13.4).
 */
#include "base/string.h"
#include "pv/access.h"
#include "pv/switch.h"

enum {
    FXSAVE_SIZE = 512,
    X87_CONTROL = 0,
    MXCSR = 24,
    MXCSR_VALID = 0xffff,
    NOTE = 464, /* the processor leaves that to software */
    HEADER = 512,
    HEADER_SIZE = 64,
    FEATURES_LEGACY = 3,
    CPUID_1_ECX_OSXSAVE = 1 << 27,
};

/*
 * Linux's note in the state that a signal handler sees, and the word behind that: together
 * they say that there is more than the first 512 bytes.
 */
struct note {
    uint32_t magic, whole_size;
    uint64_t features;
    uint32_t size;
};

enum { NOTE_MAGIC = 0x46505853, END_MAGIC = 0x46505845 };

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

static bool is_extended(void) {
    return fpu_size() > FXSAVE_SIZE;
}

void fpu_init(void *area) {
    char *at = area;

    memset(area, 0, fpu_size());
    __asm__ __volatile__("fnstcw %0" : "=m"(*(uint16_t *)(at + X87_CONTROL)));
    __asm__ __volatile__("stmxcsr %0" : "=m"(*(uint32_t *)(at + MXCSR)));
    if (is_extended()) /* or the control words would not be loaded */
        *(uint64_t *)(at + HEADER) = FEATURES_LEGACY;
}

/*
 * Where Xen switches this state lazily, what is in the registers may be another domain's or
 * vCPU's until the first use traps. XSAVE and XRSTOR count as such a use for a processor,
 * but not for QEMU 7.2's emulation of one, so an instruction goes first which does for
 * both. An emulator lets nobody in between two instructions that follow each other, unless
 * a page ends there: hence the alignment.
 */
#define USE_AND(instruction) ".balign 16\n\tstmxcsr %[mxcsr]\n\t" instruction

void fpu_save(void *area) {
    uint32_t mxcsr;

    if (xsave_size > FXSAVE_SIZE)
        __asm__ __volatile__(USE_AND("xsave64 (%[area])")
                             : [mxcsr] "=m"(mxcsr)
                             : [area] "r"(area), "a"(-1), "d"(-1)
                             : "memory");
    else
        __asm__ __volatile__("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_load(const void *area) {
    uint32_t mxcsr;

    if (xsave_size > FXSAVE_SIZE)
        __asm__ __volatile__(USE_AND("xrstor64 (%[area])")
                             : [mxcsr] "=m"(mxcsr)
                             : [area] "r"(area), "a"(-1), "d"(-1)
                             : "memory");
    else
        __asm__ __volatile__("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void fpu_clear(void *area) {
    char *at = area;

    memset(area, 0, fpu_size());
    *(uint16_t *)(at + X87_CONTROL) = X87_CONTROL_DEFAULT;
    *(uint32_t *)(at + MXCSR) = MXCSR_DEFAULT;
}

static uint64_t features(void) {
    uint32_t low, high;

    __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

size_t fpu_frame_size(void) {
    return is_extended() ? fpu_size() + sizeof(uint32_t) : FXSAVE_SIZE;
}

long fpu_write_frame(void *to, void *area) {
    static const uint32_t end = END_MAGIC;
    struct note *note = (struct note *)((char *)area + NOTE);

    memset(note, 0, FXSAVE_SIZE - NOTE);
    if (is_extended()) {
        *note = (struct note){NOTE_MAGIC, (uint32_t)fpu_frame_size(), features(),
                              (uint32_t)fpu_size()};
        *(uint64_t *)((char *)area + HEADER) |= FEATURES_LEGACY; /* so that changes count */
    }
    long error = user_write(to, area, fpu_size());
    return error || !is_extended() ? error
                                   : user_write((char *)to + fpu_size(), &end, sizeof end);
}

long fpu_read_frame(void *area, const void *from) {
    const struct note *note = (const struct note *)((const char *)area + NOTE);
    uint64_t *header = (uint64_t *)((char *)area + HEADER), present = FEATURES_LEGACY;
    long error = user_read(area, from, FXSAVE_SIZE);

    if (!error && is_extended() && note->magic == NOTE_MAGIC) {
        error = user_read(header, (const char *)from + HEADER, fpu_size() - HEADER);
        present = *header & features();
    }
    *(uint32_t *)((char *)area + MXCSR) &= MXCSR_VALID;
    if (is_extended()) {
        memset(header, 0, HEADER_SIZE);
        *header = present;
    }
    return error;
}
