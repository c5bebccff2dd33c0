/* SPDX-License-Identifier: MIT */
/*
 * Mathematical functions, to 13 digits of what the host's C library says (the last digits
 * may differ by right), and exactly where the result must be exact; qsort and its kin.
 */
// flags: -fno-builtin
// native: -fno-builtin
// stdout-from: native
#include <complex.h>
#include <ctype.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "random.h"

static const double points[] = {-3.7, -1, -0.3, 0.001, 0.5, 0.9, 1, 1.7, 2, 10.25, 123.456};
enum { POINTS = sizeof points / sizeof *points };

static void print_double(const char *name, double (*f)(double)) {
    printf("%s", name);
    for (int i = 0; i < POINTS; i++) {
        double y = f(points[i]);
        printf(isnan(y) ? " none" : " %.13g", y);
    }
    printf("\n");
}

static void print_long(const char *name, long double (*f)(long double)) {
    printf("%s", name);
    for (int i = 0; i < POINTS; i++) {
        long double y = f((long double)points[i]);
        printf(isnan(y) ? " none" : " %.15Lg", y);
    }
    printf("\n");
}

static void print_functions(void) {
    static const struct {
        const char *name;
        double (*f)(double);
        long double (*l)(long double);
    } functions[] = {
        {"sin", sin, sinl},       {"cos", cos, cosl},          {"tan", tan, tanl},
        {"asin", asin, asinl},    {"acos", acos, acosl},       {"atan", atan, atanl},
        {"sinh", sinh, sinhl},    {"cosh", cosh, coshl},       {"tanh", tanh, tanhl},
        {"exp", exp, expl},       {"exp2", exp2, exp2l},       {"expm1", expm1, expm1l},
        {"log", log, logl},       {"log2", log2, log2l},       {"log10", log10, log10l},
        {"log1p", log1p, log1pl}, {"sqrt", sqrt, sqrtl},       {"cbrt", cbrt, cbrtl},
        {"erf", erf, erfl},       {"tgamma", tgamma, tgammal}, {"lgamma", lgamma, lgammal},
        {"ceil", ceil, ceill},    {"floor", floor, floorl},    {"trunc", trunc, truncl},
        {"round", round, roundl}, {"rint", rint, rintl},       {"asinh", asinh, asinhl},
    };

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        print_double(functions[i].name, functions[i].f);
        print_long(functions[i].name, functions[i].l);
    }
}

/* Ours in place of assembly that used the red zone: more points, and the edges. */
static void print_exponentials(void) {
    static const long double edges[] = {0.0L,     -0.0L,     1e-4940L, 1e-20L,   64.0L,
                                        -64.5L,   -700.25L,  11000.5L, 0.4999L,  -11400.0L,
                                        INFINITY, -INFINITY, 17000.0L, -17000.0L};
    static const long double powers[] = {16383.0L,  16383.9L,  16384.0L,  -16382.5L,
                                         -16400.5L, -16444.9L, -16445.0L, -16446.5L};

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
        printf("%.15Lg: %.15Lg %.15Lg %.15Lg\n", edges[i], exp2l(edges[i]),
               expm1l(edges[i]), expl(edges[i]));
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        printf("%.15Lg: %.15Lg\n", powers[i], exp2l(powers[i]));
    printf("%d %d\n", isnan(exp2l((long double)NAN)), isnan(expm1l((long double)NAN)));
    for (long double x = -5; x < 5; x += 0.37L)
        printf("%.14Lg %.14Lg\n", exp2l(x), expm1l(x));
}

static void print_exact(void) {
    int exponent;
    double whole;

    printf("%a %a %a\n", fma(0.1, 10, -1), sqrt(2), fmod(1e300, 3.7));
    printf("%a %.17g\n", frexp(-0.1, &exponent), ldexp(0.7, -1070));
    printf("%d %a %a\n", exponent, modf(-3.25, &whole), whole);
    printf("%a %.17g %a\n", nextafter(1, 2), nextafter(0, -1), remainder(7.5, 2));
    printf("%a %a %d %d\n", copysign(3, -0.0), fdim(2, 5), ilogb(1e-310), (int)logb(1e300));
    printf("%a %a %ld %ld\n", fmax(-1, 2), fmin(-1, (double)NAN), lround(2.5),
           lround(-2.5));
    printf("%.13g %.13g %.13g\n", pow(2, 0.5), pow(-2, 3), pow(1e-200, 2));
    printf("%.13g %.13g %.13g\n", atan2(-1, -2), hypot(3e200, 4e200),
           (double)(powl(10, 4000) / 1e4000L));
    printf("%d %d %d %d\n", fpclassify(0.0) == FP_ZERO, isinf(1 / -0.0) != 0,
           signbit(-0.0) != 0, isnormal(1e-310));
    double complex z = csqrt(-4 + 0 * I);
    printf("%g %g %.13g\n", creal(z), cimag(z), cabs(3 + 4 * I));
}

static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static void print_sorted(void) {
    static int numbers[5000];
    unsigned long sum = 0;

    random_start();
    for (size_t i = 0; i < 5000; i++)
        numbers[i] = (int)random_below(2000) - 1000;
    qsort(numbers, 5000, sizeof *numbers, compare);
    for (size_t i = 0; i < 5000; i++)
        sum = sum * 31 + (unsigned long)numbers[i];
    int key = numbers[77];
    int *found = bsearch(&key, numbers, 5000, sizeof *numbers, compare);
    printf("sorted: %lu, found %d\n", sum, found && *found == key);
    srand(1);
    printf("%d %d\n", abs(-5), div(-7, 2).rem);
}

static void print_strings(void) {
    char text[] = "one,two;;three", *rest = text, *part, buffer[40];

    while ((part = strsep(&rest, ",;")))
        printf("[%s]", part);
    printf("\n%zu %zu %s\n", strspn("aabbc", "ab"), strcspn("xyz1", "0123"),
           strstr("hello", "ll"));
    printf("%d %d %d\n", strcasecmp("HeLLo", "hEllO"), strncmp("abc", "abd", 2),
           memcmp("a\0b", "a\0c", 3) < 0);
    printf("%s %s\n", strcpy(buffer, "copied"), strcat(buffer, " and more"));
    printf("%d %d %c\n", isalpha('x') != 0, isdigit('x'), toupper('q'));
    printf("%s\n", (char *)memmove(buffer + 2, buffer, 10));
    printf("%s|%s\n", strerror(2), strerror(38));
}

int main(void) {
    print_functions();
    print_exponentials();
    print_exact();
    print_sorted();
    print_strings();
    return 0;
}
