/* SPDX-License-Identifier: MIT */
/*
 * SSE and, where the processor says that it has them, AVX and AVX2 give right results, also
 * when the program slept or printed in between; the stack is aligned for them everywhere.
 */
// native:
// stdout-from: checks
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"

static float in[64], out[64];

static void pause_a_little(void) {
    struct timespec t = {.tv_nsec = 500000};

    nanosleep(&t, NULL);
}

static void prepare(void) {
    for (int i = 0; i < 64; i++) {
        in[i] = (float)i * 1.5f;
        out[i] = 0;
    }
}

static void check_result(void) {
    for (int i = 0; i < 64; i++)
        CHECK(out[i] == in[i] * in[i] + 2);
}

static void use_sse(void) {
    prepare();
    for (int i = 0; i < 64; i += 4) {
        __m128 x = _mm_loadu_ps(in + i), y = _mm_add_ps(_mm_mul_ps(x, x), _mm_set1_ps(2));
        pause_a_little();
        _mm_storeu_ps(out + i, y);
    }
    check_result();
}

__attribute__((target("avx"))) static void use_avx(void) {
    prepare();
    for (int i = 0; i < 64; i += 8) {
        __m256 x = _mm256_loadu_ps(in + i);
        __m256 y = _mm256_add_ps(_mm256_mul_ps(x, x), _mm256_set1_ps(2));
        pause_a_little();
        _mm256_storeu_ps(out + i, y);
    }
    check_result();
    /* and a value that lives across calls into the runtime */
    for (int round = 0; round < 50; round++) {
        volatile int x = round;
        __m256i v = _mm256_set1_epi32(x);
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        __asm__ volatile("" : "+x"(v));
        int32_t parts[8];
        _mm256_storeu_si256((__m256i *)parts, v);
        CHECK(parts[0] == round && parts[7] == round);
    }
}

__attribute__((target("avx2"))) static void use_avx2(void) {
    int32_t parts[8];
    __m256i a = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);

    pause_a_little();
    a = _mm256_mullo_epi32(a, a);
    _mm256_storeu_si256((__m256i *)parts, a);
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(parts[i], i * i);
}

static int is_aligned(void) {
    volatile _Alignas(16) char place[16];
    __m128i *p = (__m128i *)(void *)place;

    _mm_store_si128(p, _mm_setzero_si128()); /* faults if it is not */
    return (uintptr_t)p % 16 == 0 && (uintptr_t)__builtin_frame_address(0) % 16 == 0;
}

static int in_constructor, in_handler;

__attribute__((constructor)) static void construct(void) {
    in_constructor = is_aligned();
}

static void handle(int signal) {
    (void)signal;
    in_handler = is_aligned();
}

static void at_end(void) {
    if (!is_aligned())
        _Exit(3);
}

int main(void) {
    CHECK(in_constructor && is_aligned());
    signal(SIGUSR1, handle);
    raise(SIGUSR1);
    CHECK(in_handler);
    CHECK_EQUAL(atexit(at_end), 0);
    __builtin_cpu_init();
    use_sse();
    if (__builtin_cpu_supports("avx"))
        use_avx();
    if (__builtin_cpu_supports("avx2"))
        use_avx2();
    return checks_end();
}
