/* SPDX-License-Identifier: MIT */
/* The ways for a program to end by itself, and the status that each gives. */
// case: return
// args: return 7
// exit: 7
// stdout: buffered
// case: exit from a function, low 8 bits
// args: exit 300
// exit: 44
// stdout: buffered, at exit
// case: _exit leaves the buffers
// args: _exit 255
// exit: 255
// case: quick_exit
// args: quick 3
// exit: 3
// stdout: quick
// case: stderr closed first
// args: closed 9
// exit: 9
// case: from a constructor
// env: LEAVE=5
// exit: 5
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void at_exit(void) {
    puts(", at exit");
}

static void at_quick_exit_only(void) {
    write(1, "quick\n", 6);
}

__attribute__((constructor)) static void leave_early(void) {
    if (getenv("LEAVE"))
        exit(atoi(getenv("LEAVE")));
}

__attribute__((noinline)) static void leave(const char *how, int status) {
    if (!strcmp(how, "exit")) {
        atexit(at_exit);
        exit(status);
    }
    if (!strcmp(how, "_exit"))
        _exit(status);
    at_quick_exit(at_quick_exit_only);
    quick_exit(status);
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 99;
    int status = atoi(argv[2]);

    if (!strcmp(argv[1], "closed")) {
        close(0);
        close(1);
        close(2);
        return status;
    }
    printf("buffered");
    if (strcmp(argv[1], "return") != 0)
        leave(argv[1], status);
    return status;
}
