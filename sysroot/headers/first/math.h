/* SPDX-License-Identifier: MIT */
/*
 * Found before the C library's, which it includes: its macros look at all formats of
 * numbers at once, whatever the argument's type, of which clang warns in the program that
 * uses them. The compiler's own know the type.
 */
#ifndef ATMAN_FIRST_MATH_H
#define ATMAN_FIRST_MATH_H

#include_next <math.h>

#ifdef isnan /* else C++'s own header has replaced them */
#undef fpclassify
#undef isfinite
#undef isinf
#undef isnan
#undef isnormal
#undef signbit
#define fpclassify(x)                                                                      \
    __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define isnormal(x) __builtin_isnormal(x)
#define signbit(x) __builtin_signbit(x)
#endif

#endif
