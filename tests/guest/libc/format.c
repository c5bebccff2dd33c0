/* SPDX-License-Identifier: MIT */
/* printf, scanf, strtod and their wide relatives print what the host's C library prints. */
// flags: -Wno-format
// native: -Wno-format
// stdout-from: native
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const double doubles[] = {0.0,      -0.0,      1.0,
                                 -1.5,     0.1,       1.0 / 3,
                                 100000,   999999.5,  1e10,
                                 1e15,     1e16,      123456789.125,
                                 1e-5,     1e-7,      5e-324,
                                 1e-310,   DBL_MIN,   DBL_MAX,
                                 1e100,    2.5,       3.5,
                                 0.5,      1e22,      1e23,
                                 INFINITY, -INFINITY, 9007199254740993.0};

static void print_doubles(void) {
    static const char *const formats[] = {
        "%f",     "%e",       "%g",    "%a",   "%.0f",  "%.0e",  "%.3g",
        "%20.5f", "%-20.3e|", "%+.2f", "% g",  "%020f", "%.17g", "%.30f",
        "%#.0f",  "%A",       "%.3a",  "%.1a", "%E",    "%G",    "%F"};

    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        for (size_t j = 0; j < sizeof formats / sizeof *formats; j++) {
            int is_hex = formats[j][strlen(formats[j]) - 1] == 'a' || formats[j][1] == 'A';
            if (is_hex && fpclassify(doubles[i]) == FP_SUBNORMAL)
                continue; /* several ways to write those are right */
            printf("%s: ", formats[j]);
            printf(formats[j], doubles[i]);
            printf("\n");
        }
    printf("%f %F %g %e\n", fabs((double)NAN), fabs((double)NAN), fabs((double)NAN),
           fabs((double)NAN));
    printf("%.*f %*.*e %-*d|\n", 3, M_PI, 15, 4, M_E, 8, 42);
}

static void print_long_doubles(void) {
    static const long double values[] = {0.0L,     1.0L,       0.1L,
                                         1.0L / 3, 1e4000L,    LDBL_MIN,
                                         LDBL_MAX, 3.6e-4951L, 18446744073709551615.0L,
                                         -2.5L};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        printf("%Lf %Le %Lg %.20Lg %.0Lf\n", values[i], values[i], values[i], values[i],
               values[i]);
}

static void print_integers(void) {
    printf("%d %i %u %o %x %X %c %%\n", INT_MIN, INT_MAX, UINT_MAX, 8, 0xbeef, 0xbeef, 'x');
    printf("%ld %lld %lu %zu %jd %td %hhd %hd\n", LONG_MIN, LLONG_MAX, ULONG_MAX, SIZE_MAX,
           INTMAX_MIN, (ptrdiff_t)-5, 300, 70000);
    printf("%08d|%-8d|%+d|% d|%#x|%#o|%.5d|%8.3d|%-8.3d|%.0d|\n", -42, -42, 42, 42, 255, 8,
           42, 7, 7, 0);
    printf("%s|%10s|%-10s|%.2s|%.10s|%10.1s|\n", "abc", "abc", "abc", "abc", "abc", "abc");
    printf("%2$s %1$d %2$s %3$.2f\n", 5, "again", 1.5);
    printf("%" PRIx64 " %" PRIu32 " %p\n", UINT64_C(0x123456789abcdef), UINT32_C(7),
           (void *)0x1234);
    int n = -1;
    printf("12345%n", &n);
    printf(" %d\n", n);
    char small[5];
    printf("%d", snprintf(small, sizeof small, "%d", 1234567));
    printf(" %s\n", small);
}

static void parse_numbers(void) {
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1.5",
                                        "1e10",
                                        "1e-400",
                                        "1e400",
                                        "0x1.8p3",
                                        "0x.8p-1074",
                                        "inf",
                                        "-INFINITY",
                                        "nan",
                                        "  12.5xyz",
                                        ".5",
                                        "5.",
                                        "1e",
                                        "1e+",
                                        "0x",
                                        "abc",
                                        "",
                                        "+3",
                                        "2.2250738585072011e-308",
                                        "2.2250738585072014e-308",
                                        "4.9e-324",
                                        "2.4e-324",
                                        "9007199254740993",
                                        "9007199254740992.9999999999",
                                        "9007199254740993.0000000001",
                                        "179769313486231580793e289",
                                        "123456789012345678901234567890",
                                        "0.1e1",
                                        "1_000",
                                        "0.000000000000000000000000000000000000001",
                                        "8.5e-45",
                                        "1.4012984643e-45"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        double d = strtod(texts[i], &end);
        printf("strtod \"%s\": %.17g, %d\n", texts[i], isnan(d) ? 99 : d,
               (int)(end - texts[i]));
        float f = strtof(texts[i], &end);
        printf("strtof: %a, %d\n", isnan(f) ? 99 : f, (int)(end - texts[i]));
        long double l = strtold(texts[i], &end);
        printf("strtold: %.20Lg, %d\n", isnan(l) ? 99 : l, (int)(end - texts[i]));
    }
    printf("%ld %ld %lu %lld\n", strtol("-0x1f", NULL, 0), strtol("zz", NULL, 36),
           strtoul("-1", NULL, 10), strtoll("9223372036854775808", NULL, 10));
}

static void scan(void) {
    int a = 0, b = 0, n = 0;
    char word[20] = "", set[20] = "";
    double d = 0;
    long double l = 0;

    printf("%d ", sscanf("12 -0x1f abc 1.5e3,xyz 2.25", "%d %i %19s %lf,%19[x-z]%n", &a, &b,
                         word, &d, set, &n));
    printf("%d %d %s %g %s %d\n", a, b, word, d, set, n);
    printf("%d ", sscanf("3.25e10", "%Lf", &l));
    printf("%Lg\n", l);
    printf("%d\n", sscanf("x", "%d", &a));
    printf("%d\n", sscanf("", "%d", &a));
    printf("%d %d\n", sscanf("12345", "%2d%*1d%2d", &a, &b), a * 100 + b);
}

static void print_wide(void) {
    wchar_t wide[40];
    char narrow[40];

    printf("%s\n", setlocale(LC_ALL, "C.UTF-8") ? "UTF-8" : "no UTF-8");
    printf("%ls %lc %5.3ls|\n", L"grün", (wint_t)0x65e5, L"日本語");
    printf("%zu %zu\n", mbstowcs(wide, "grün 日本", 40), wcslen(wide));
    printf("%zu\n", wcstombs(narrow, L"ü€😀", sizeof narrow));
    printf("%s\n", narrow);
    printf("%d", swprintf(wide, 40, L"%ls %d %.2f %s", L"weit", 7, 1.25, "schmal"));
    printf(" %ls\n", wide);
    printf("%zu %d\n", mbstowcs(wide, "\xff", 40), mblen("\xc3\xbc", 2));
    printf("%g %ld\n", wcstod(L"1.5e3", NULL), wcstol(L"-77", NULL, 10));
}

int main(void) {
    print_doubles();
    print_long_doubles();
    print_integers();
    parse_numbers();
    scan();
    print_wide();
    return 0;
}
