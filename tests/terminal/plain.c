/* SPDX-License-Identifier: MIT */
/*
 * A program that knows nothing of terminals: it computes until a signal comes. With an
 * argument it handles SIGINT and SIGWINCH.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

static volatile sig_atomic_t got;

static void note(int signal) {
    got = signal;
}

static int wait_for_signal(void) {
    while (!got)
        __asm__ __volatile__("pause");
    int signal = got;
    got = 0;
    return signal;
}

int main(int argc, char **argv) {
    struct winsize size = {0};

    (void)argv;
    if (argc > 1) {
        signal(SIGINT, note);
        signal(SIGWINCH, note);
    }
    printf("ready\n");
    fflush(stdout);
    while (wait_for_signal() == SIGWINCH) {
        ioctl(1, TIOCGWINSZ, &size);
        printf("window %dx%d\n", size.ws_col, size.ws_row);
        fflush(stdout);
    }
    printf("interrupted\n");
    return 3;
}
