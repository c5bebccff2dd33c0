/* SPDX-License-Identifier: MIT */
/* The three sources; which one it is, is found out at the first use. */
#include "fs/entropy.h"

#include "base/string.h"
#include "log/log.h"
#include "xen/cpu.h"

enum {
    CPUID_1_ECX_RDRAND = 1u << 30,
    CPUID_7_EBX_RDSEED = 1u << 18,
    RETRIES = 10000, /* RDSEED may be out for a while when others use it too */
    JITTER_ROUNDS = 64,
};

static enum { UNKNOWN, RDSEED, RDRAND, JITTER } source;

static bool rdseed(uint64_t *value) {
    bool ok;

    for (int i = 0; i < RETRIES; i++) {
        __asm__ __volatile__("rdseed %0" : "=r"(*value), "=@ccc"(ok));
        if (ok)
            return true;
        __asm__ __volatile__("pause");
    }
    return false;
}

static bool rdrand(uint64_t *value) {
    bool ok;

    for (int i = 0; i < RETRIES; i++) {
        __asm__ __volatile__("rdrand %0" : "=r"(*value), "=@ccc"(ok));
        if (ok)
            return true;
    }
    return false;
}

static uint64_t jitter(void) {
    static uint64_t state;

    for (int i = 0; i < JITTER_ROUNDS; i++) {
        state ^= __builtin_ia32_rdtsc();
        state *= 0x9e3779b97f4a7c15;
        state ^= state >> 29;
        (void)cpuid(0, 0); /* a trip through Xen, whose length varies */
    }
    return state;
}

static void find_source(void) {
    if (cpuid(7, 0).ebx & CPUID_7_EBX_RDSEED) {
        source = RDSEED;
    } else if (cpuid(1, 0).ecx & CPUID_1_ECX_RDRAND) {
        source = RDRAND;
    } else {
        source = JITTER;
        log_error(
            "entropy: the processor has neither RDSEED nor RDRAND; random numbers come "
            "from timing jitter, which is not fit for keys");
    }
}

static uint64_t next(void) {
    uint64_t value;

    if (source == RDSEED && rdseed(&value))
        return value;
    if (source != JITTER && rdrand(&value))
        return value;
    return jitter();
}

void entropy_read(void *buffer, size_t size) {
    char *to = buffer;

    if (source == UNKNOWN)
        find_source();
    while (size) {
        uint64_t value = next();
        size_t part = MIN(size, sizeof value);
        memcpy(to, &value, part);
        to += part;
        size -= part;
    }
}
