/* SPDX-License-Identifier: MIT */
/*
 * The floating-point environment, of SSE (float, double) and of the x87 unit (long double):
 * rounding modes, exceptions, saving and restoring both. The runtime brings its own
 * functions; the host's C library says what is right.
 */
// flags: -frounding-math -fno-builtin
// native: -frounding-math -fno-builtin
// stdout-from: native
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
static const char *const mode_names[] = {"nearest", "down", "up", "zero"};
static const int exceptions[] = {FE_INVALID, FE_DIVBYZERO, FE_OVERFLOW, FE_UNDERFLOW,
                                 FE_INEXACT};

/* The compiler is not to know any of the values. */
#define OPAQUE(type, value)                                                                \
    __extension__({                                                                        \
        volatile type opaque_ = (value);                                                   \
        opaque_;                                                                           \
    })

static const char *mode_name(void) {
    for (int i = 0; i < 4; i++)
        if (fegetround() == modes[i])
            return mode_names[i];
    return "none";
}

static void print_flags(const char *what) {
    int raised = fetestexcept(FE_ALL_EXCEPT);

    printf("%s:%s%s%s%s%s, %s\n", what, raised & FE_INVALID ? " invalid" : "",
           raised & FE_DIVBYZERO ? " divbyzero" : "",
           raised & FE_OVERFLOW ? " overflow" : "",
           raised & FE_UNDERFLOW ? " underflow" : "", raised & FE_INEXACT ? " inexact" : "",
           mode_name());
}

/* Each result printed exactly; printing rounds as well, so it is done in one mode. */
static void round_all(int mode) {
    fesetround(mode);
    float f = OPAQUE(float, 1) / OPAQUE(float, 3), g = -OPAQUE(float, 1) / OPAQUE(float, 3);
    double d = OPAQUE(double, 1) / OPAQUE(double, 3),
           e = -OPAQUE(double, 0.1) * OPAQUE(double, 3);
    long double l = OPAQUE(long double, 1) / OPAQUE(long double, 3);
    long double m = -OPAQUE(long double, 1) / OPAQUE(long double, 3);
    float narrowed = (float)OPAQUE(double, 0.1), from_long = (float)OPAQUE(long, 123456789);
    double narrowed_long = (double)OPAQUE(long double, 0.1L);
    double whole[] = {rint(OPAQUE(double, 2.5)), nearbyint(OPAQUE(double, -2.5)),
                      rint(OPAQUE(double, 1e-10))};
    long double whole_long[] = {rintl(OPAQUE(long double, 2.5L)),
                                nearbyintl(OPAQUE(long double, -3.5L))};
    long integers[] = {lrint(OPAQUE(double, 2.5)),        lrint(OPAQUE(double, -2.5)),
                       lrintl(OPAQUE(long double, 3.5L)), llrint(OPAQUE(double, 0.7)),
                       lrintf(OPAQUE(float, -0.7f)),      (long)OPAQUE(double, -2.7)};
    double root = sqrt(OPAQUE(double, 2));
    long double root_long = sqrtl(OPAQUE(long double, 2));
    double fused = fma(OPAQUE(double, 0.1), OPAQUE(double, 10), OPAQUE(double, -1));
    const char *now = mode_name();
    fesetround(FE_TONEAREST);
    printf("%s\n%a %a %a %a %.25Lg %.25Lg\n", now, f, g, d, e, l, m);
    printf("%a %a %a\n", narrowed, from_long, narrowed_long);
    printf("%g %g %g %Lg %Lg\n", whole[0], whole[1], whole[2], whole_long[0],
           whole_long[1]);
    for (int i = 0; i < 6; i++)
        printf("%ld ", integers[i]);
    printf("\n%a %.25Lg %a\n", root, root_long, fused);
}

static void print_under_modes(void) {
    char text[4][3][60];

    for (int i = 0; i < 4; i++) {
        fesetround(modes[i]);
        snprintf(text[i][0], 60, "%.3f %.0f %.2e", OPAQUE(double, 1.0005),
                 OPAQUE(double, 2.5), OPAQUE(double, -1.005));
        snprintf(text[i][1], 60, "%.3Lf", OPAQUE(long double, -1.0005L));
        double parsed = strtod("0.1", NULL), other = strtod("-1e23", NULL);
        fesetround(FE_TONEAREST);
        snprintf(text[i][2], 60, "%a %a", parsed, other);
    }
    for (int i = 0; i < 4; i++)
        printf("%s | %s | %s\n", text[i][0], text[i][1], text[i][2]);
}

static void raise_by_sse(void) {
    feclearexcept(FE_ALL_EXCEPT);
    print_flags("clear");
    (void)OPAQUE(double, OPAQUE(double, 1) / OPAQUE(double, 4));
    print_flags("exact");
    (void)OPAQUE(double, OPAQUE(double, 1) / OPAQUE(double, 3));
    print_flags("1/3");
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(double, OPAQUE(double, 1) / OPAQUE(double, 0));
    print_flags("1/0");
    (void)OPAQUE(double, OPAQUE(double, 0) / OPAQUE(double, 0));
    print_flags("0/0 after it");
    feclearexcept(FE_DIVBYZERO);
    print_flags("without divbyzero");
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(double, OPAQUE(double, 1e300) * OPAQUE(double, 1e300));
    print_flags("overflow");
    feclearexcept(FE_INEXACT);
    print_flags("without inexact");
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(double, OPAQUE(double, 1e-300) * OPAQUE(double, 1e-300));
    print_flags("underflow");
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(int, (int)OPAQUE(double, 1e20));
    print_flags("(int)1e20");
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(double, sqrt(OPAQUE(double, -1)));
    print_flags("sqrt(-1)");
}

static void raise_by_x87(void) {
    feclearexcept(FE_ALL_EXCEPT);
    (void)OPAQUE(long double, OPAQUE(long double, 1) / OPAQUE(long double, 4));
    print_flags("x87 exact");
    (void)OPAQUE(long double, OPAQUE(long double, 1) / OPAQUE(long double, 3));
    print_flags("x87 1/3");
    feclearexcept(FE_INEXACT);
    print_flags("x87 without inexact");
    (void)OPAQUE(long double, OPAQUE(long double, 1) / OPAQUE(long double, 0));
    print_flags("x87 1/0");
    (void)OPAQUE(double, OPAQUE(double, 1) / OPAQUE(double, 3)); /* the other unit */
    print_flags("and SSE 1/3");
    feclearexcept(FE_DIVBYZERO);
    print_flags("only SSE's left");
    (void)OPAQUE(long double, OPAQUE(long double, 1e4900L) * OPAQUE(long double, 1e4900L));
    print_flags("x87 overflow");
    feclearexcept(FE_OVERFLOW | FE_INEXACT);
    print_flags("x87 none");
    (void)OPAQUE(long double, sqrtl(OPAQUE(long double, -1)));
    print_flags("sqrtl(-1)");
    feclearexcept(0);
    print_flags("cleared nothing");
    feclearexcept(FE_ALL_EXCEPT);
}

static void raise_by_function(void) {
    for (int i = 0; i < 32; i++) {
        int set = 0;
        for (int j = 0; j < 5; j++)
            set |= i >> j & 1 ? exceptions[j] : 0;
        /* overflow and underflow may bring inexact along: added where the order matters */
        if (set & (FE_OVERFLOW | FE_UNDERFLOW))
            set |= FE_INEXACT;
        feclearexcept(FE_ALL_EXCEPT);
        printf("%d %d ", feraiseexcept(set), fetestexcept(FE_ALL_EXCEPT) == set);
        fexcept_t saved;
        printf("%d ", fegetexceptflag(&saved, FE_ALL_EXCEPT));
        feclearexcept(FE_ALL_EXCEPT);
        printf("%d ", fesetexceptflag(&saved, FE_INVALID | FE_INEXACT));
        print_flags("flags put back");
        fesetexceptflag(&saved, FE_ALL_EXCEPT);
        printf("%d\n", fetestexcept(FE_ALL_EXCEPT) == set);
    }
    feclearexcept(FE_ALL_EXCEPT);
}

static void save_and_restore(void) {
    fenv_t outer, held;

    fesetround(FE_UPWARD);
    feraiseexcept(FE_DIVBYZERO);
    printf("%d ", fegetenv(&outer));
    print_flags("saved");
    fesetround(FE_DOWNWARD);
    (void)OPAQUE(long double, OPAQUE(long double, 1) / OPAQUE(long double, 3));
    printf("%d ", fesetenv(&outer));
    print_flags("set again");
    printf("%d ", feholdexcept(&held));
    print_flags("held");
    (void)OPAQUE(double, OPAQUE(double, 0) / OPAQUE(double, 0));
    (void)OPAQUE(long double, OPAQUE(long double, 1) / OPAQUE(long double, 3));
    fesetround(FE_TOWARDZERO);
    print_flags("meanwhile");
    printf("%d ", feupdateenv(&held));
    print_flags("updated");
    printf("%d ", fesetenv(FE_DFL_ENV));
    print_flags("default");
    feraiseexcept(FE_INVALID);
    printf("%d ", feupdateenv(FE_DFL_ENV));
    print_flags("default, with flags");
    fesetenv(FE_DFL_ENV);
    printf("%d ", fesetround(0x123) != 0);
    print_flags("no such mode");
    for (int i = 0; i < 4; i++) {
        printf("%d ", fesetround(modes[i]));
        print_flags("set");
    }
    fesetround(FE_TONEAREST);
}

/* Mode and flags last across calls into the runtime, and sleeps, when others run. */
static void across_calls(void) {
    struct timespec t = {.tv_nsec = 2000000};

    fesetround(FE_UPWARD);
    feclearexcept(FE_ALL_EXCEPT);
    feraiseexcept(FE_OVERFLOW | FE_INEXACT);
    long double x = OPAQUE(long double, 1) / OPAQUE(long double, 3);
    for (int i = 0; i < 20; i++) {
        nanosleep(&t, NULL);
        fflush(stdout);
        x += OPAQUE(long double, 1) / OPAQUE(long double, 3);
    }
    print_flags("after sleeping");
    fesetround(FE_TONEAREST);
    printf("%.25Lg\n", x);
    fesetenv(FE_DFL_ENV);
}

int main(void) {
    print_flags("at start");
    for (int i = 0; i < 4; i++)
        round_all(modes[i]);
    print_under_modes();
    raise_by_sse();
    raise_by_x87();
    raise_by_function();
    save_and_restore();
    across_calls();
    return 0;
}
