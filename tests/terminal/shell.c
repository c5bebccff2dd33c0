/* SPDX-License-Identifier: MIT */
/* A terminal's user: a line is a command, and what it finds is printed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void again_after(int us) {
    struct itimerval timer = {.it_value.tv_usec = us};

    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A signal may come between the prompt and the read that it is to interrupt: a second one,
 * which says nothing, then interrupts it. */
static void note(int signal) {
    if (signal == SIGALRM)
        return;
    got = signal;
    again_after(100000);
}

static void handle(int signal) {
    struct sigaction action = {.sa_handler = note};

    sigaction(signal, &action, NULL);
}

static void tell_window(void) {
    struct winsize size = {0};

    ioctl(0, TIOCGWINSZ, &size);
    printf("window %dx%d\n", size.ws_col, size.ws_row);
}

/* Keys as they come, until q. */
static void keys(void) {
    struct termios before, raw;
    char key = 0;

    tcgetattr(0, &before);
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(0, TCSAFLUSH, &raw);
    printf("raw\n");
    fflush(stdout);
    while (key != 'q') {
        if (read(0, &key, 1) != 1)
            break;
        printf("[%02x]", (unsigned char)key);
        fflush(stdout);
    }
    tcsetattr(0, TCSANOW, &before);
    printf("\n");
}

/* VMIN and VTIME: what each read gives. */
static void times(void) {
    static const unsigned char cases[][2] = {{0, 0}, {0, 1}, {3, 0}, {3, 1}};
    struct termios before, t;
    char bytes[16];

    tcgetattr(0, &before);
    t = before;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    for (int i = 0; i < 4; i++) {
        t.c_cc[VMIN] = cases[i][0];
        t.c_cc[VTIME] = cases[i][1];
        tcsetattr(0, TCSANOW, &t);
        printf("min %d time %d: ", cases[i][0], cases[i][1]);
        fflush(stdout);
        printf("%ld\n", (long)read(0, bytes, sizeof bytes));
    }
    tcsetattr(0, TCSANOW, &before);
}

/* Without waiting, and with poll. */
static void ask(void) {
    struct pollfd fd = {0, POLLIN, 0};
    char bytes[64];
    int count = -1;

    fcntl(0, F_SETFL, O_NONBLOCK);
    long n = read(0, bytes, sizeof bytes);
    printf("nothing: %ld %s\n", n, n < 0 ? strerror(errno) : "");
    printf("poll %d\n", poll(&fd, 1, 0));
    fflush(stdout);
    printf("poll %d", poll(&fd, 1, -1));
    printf(" %s\n", fd.revents == POLLIN ? "in" : "other");
    ioctl(0, FIONREAD, &count);
    printf("count %d\n", count);
    n = read(0, bytes, sizeof bytes);
    printf("read %ld\n", n);
    fcntl(0, F_SETFL, 0);
}

static void loop(void) {
    got = 0;
    printf("looping\n");
    fflush(stdout);
    while (!got)
        __asm__ __volatile__("pause");
    again_after(0);
    printf("got %d\n", (int)got);
    got = 0;
}

static void tell_processes(void) {
    printf("groups %d %d\n", tcgetpgrp(0), tcgetsid(0));
    printf("set %d\n", tcsetpgrp(0, getpid()));
    printf("name %s\n", ttyname(0) ? ttyname(0) : strerror(errno));
}

static void run(const char *line) {
    if (!strcmp(line, "keys\n"))
        keys();
    else if (!strcmp(line, "times\n"))
        times();
    else if (!strcmp(line, "ask\n"))
        ask();
    else if (!strcmp(line, "loop\n"))
        loop();
    else if (!strcmp(line, "processes\n"))
        tell_processes();
    else if (!strcmp(line, "window\n"))
        tell_window();
    else if (!strcmp(line, "default\n"))
        signal(SIGINT, SIG_DFL);
    else
        printf("line %zu %s", strlen(line), line);
}

int main(void) {
    struct termios settings;
    char line[5000];

    if (tcgetattr(0, &settings)) /* from here on the terminal's work is the guest's */
        perror("tcgetattr");
    handle(SIGINT);
    handle(SIGWINCH);
    handle(SIGALRM);
    for (;;) {
        long n;

        printf("> ");
        fflush(stdout);
        do
            n = read(0, line, sizeof line - 1);
        while (n < 0 && errno == EINTR && !got);
        again_after(0);
        if (n == 0)
            break;
        if (n < 0 && got == SIGWINCH)
            tell_window();
        else if (n < 0)
            printf("%s %d\n", strerror(errno), (int)got);
        got = 0;
        if (n < 0)
            continue;
        line[n] = 0;
        run(line);
    }
    printf("end\n");
    return 5;
}
