/* SPDX-License-Identifier: MIT */
/*
 * On a terminal the program knows that it is one and how large it is, writes line by line,
 * and reads the lines that are typed.
 */
// terminal: 100x40
// stdin: text "Ada Lovelace\n"
// stdout: terminal 1 1, 100 x 40
// stdout: your name? hello, Ada Lovelace
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void) {
    struct winsize size = {0};
    char name[100] = "";

    if (ioctl(1, TIOCGWINSZ, &size))
        perror("TIOCGWINSZ");
    if (ioctl(1, TIOCGWINSZ, 8) != -1 || errno != EFAULT || ioctl(0, 0x1234, 8) != -1 ||
        errno != ENOTTY)
        return 2;
    printf("terminal %d %d, %d x %d\n", isatty(0), isatty(1), size.ws_col, size.ws_row);
    printf("your name? ");
    fflush(stdout);
    if (!fgets(name, sizeof name, stdin))
        return 1;
    name[strcspn(name, "\n")] = 0;
    printf("hello, %s\n", name);
    _exit(0); /* no buffers are flushed: the lines are out already */
}
