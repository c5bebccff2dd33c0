/* SPDX-License-Identifier: MIT */
/*
 * What every layer of the runtime uses: page arithmetic and a few words of C that the
 * language lacks. Addresses are unsigned long; sizes are bytes unless a name says pages.
 */
#ifndef ATMAN_BASE_H
#define ATMAN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)

#define ROUND_DOWN(x, to) ((x) & ~((to) - 1ul))
#define ROUND_UP(x, to) ROUND_DOWN((x) + (to) - 1ul, to)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define MIN(a, b) ((a) < (b) ? (a) : (b))

#define NS_PER_SEC 1000000000ul

/* For what runs before text is where it was linked to be (pv/maptext.c): no call is made.
 */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Orders the compiler, not the processor: x86 keeps stores in order and loads in order. */
#define barrier() __asm__ __volatile__("" ::: "memory")
/* A store before it is seen before a load after it (a ring's index, then the other's). */
#define memory_barrier() __asm__ __volatile__("lock; addl $0,(%%rsp)" ::: "memory", "cc")

/* A frame number as the domain counts its memory, from 0. */
typedef unsigned long pfn_t;
/* A frame number as the machine counts its own. */
typedef unsigned long mfn_t;

#endif
