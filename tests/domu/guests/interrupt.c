/* SPDX-License-Identifier: MIT */
/*
 * Runs in the control domain, as a process with all of Linux's calls: becomes the command
 * behind the seconds and "--", which gets a SIGINT after each of these times. What a shell
 * starts in the background would ignore it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void send_after(unsigned seconds, pid_t to) {
    switch (fork()) {
    case -1:
        perror("fork");
        exit(1);
    case 0:
        /* The outputs are the command's, whose reader waits for their end. */
        close(0);
        close(1);
        close(2);
        sleep(seconds);
        _exit(kill(to, SIGINT) != 0);
    default:
        return;
    }
}

int main(int argc, char **argv) {
    int i;

    for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
        send_after((unsigned)atoi(argv[i]), getpid());
    if (i + 1 >= argc)
        return 2;
    signal(SIGINT, SIG_DFL);
    execv(argv[i + 1], argv + i + 1);
    perror(argv[i + 1]);
    return 1;
}
