/* SPDX-License-Identifier: MIT */
/* First process of the Linux guest: runs each operation that its arguments name in a
 * process of its own, writes a line about each to the console, and ends the machine. */
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        int status = -1;
        pid_t child = vfork();

        if (child == 0) {
            execl("/ops", "ops", argv[i], (char *)NULL);
            _exit(127);
        }
        if (child > 0)
            waitpid(child, &status, 0);
        printf("ran %s: %d\n", argv[i], status);
        fflush(stdout);
    }
    reboot(RB_AUTOBOOT);
    return 1;
}
