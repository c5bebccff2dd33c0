/* SPDX-License-Identifier: MIT */
/* On a terminal /dev/tty is one as well. (Without one it cannot be opened:
 * files/devices.c.) */
// terminal: 100x40
// stdout: 1, 100 x 40
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void) {
    struct winsize size = {0};
    int fd = open("/dev/tty", O_RDWR);

    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size))
        perror("/dev/tty");
    dprintf(fd, "%d, %d x %d\n", isatty(fd), size.ws_col, size.ws_row);
    return 0;
}
