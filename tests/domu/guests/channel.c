/* SPDX-License-Identifier: MIT */
/*
 * Consoles beside the first one. `look`: which there are, and what they are like; `echo
 * PATH`: answers lines from there until "end"; `flood PATH N`: N numbered lines of 64 bytes
 * to that file or, "-", to standard output. Whatever fails is told, and ends it with 1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                 \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            printf("line %d: %s (%m)\n", __LINE__, #condition);                            \
            exit(1);                                                                       \
        }                                                                                  \
    } while (0)

static int is_console(const struct dirent *entry) {
    return !strncmp(entry->d_name, "hvc", 3);
}

static void list(void) {
    struct dirent **names;
    char target[100];
    int count = scandir("/dev", &names, is_console, alphasort);

    for (int i = 0; i < count; i++)
        printf("%s%c", names[i]->d_name, i + 1 < count ? ' ' : '\n');
    long n = readlink("/dev/xen-channel/org.example.two", target, sizeof target);
    printf("%.*s\n", (int)n, target);
}

static void check_settings(int fd) {
    struct termios settings, got;

    REQUIRE(isatty(fd) && !tcgetattr(fd, &settings));
    cfmakeraw(&settings);
    settings.c_cc[VTIME] = 7;
    REQUIRE(!tcsetattr(fd, TCSANOW, &settings) && !tcgetattr(fd, &got));
    REQUIRE(got.c_cflag == settings.c_cflag && got.c_lflag == settings.c_lflag);
    REQUIRE(got.c_cc[VTIME] == 7);
    REQUIRE(ioctl(fd, FIOCLEX + 100) == -1 && errno == ENOTTY);
}

static void look(void) {
    struct pollfd poll_in = {.events = POLLIN | POLLOUT};
    struct stat stat;
    char some[8];
    int n = -1;

    list();
    REQUIRE(open("/dev/hvc9", O_RDWR) == -1 && errno == ENOENT);
    REQUIRE(!mknod("/tmp/hvc9", S_IFCHR | 0600, makedev(229, 9)));
    REQUIRE(open("/tmp/hvc9", O_RDWR) == -1 && errno == ENXIO);
    int fd = poll_in.fd = open("/dev/hvc1", O_RDWR | O_NONBLOCK | O_NOCTTY);
    REQUIRE(fd >= 0 && !fstat(fd, &stat) && S_ISCHR(stat.st_mode));
    REQUIRE(stat.st_rdev == makedev(229, 1));
    REQUIRE(read(fd, some, sizeof some) == -1 && errno == EAGAIN);
    REQUIRE(!ioctl(fd, FIONREAD, &n) && !n);
    REQUIRE(poll(&poll_in, 1, 0) == 1 && poll_in.revents == POLLOUT);
    REQUIRE(lseek(fd, 0, SEEK_SET) == -1 && errno == ESPIPE);
    check_settings(fd);
}

static void answer(const char *path) {
    char line[256];
    FILE *file = fopen(path, "r+");
    struct pollfd poll_in = {.events = POLLIN};

    REQUIRE(file);
    poll_in.fd = fileno(file);
    setvbuf(file, NULL, _IONBF, 0);
    printf("ready\n");
    fflush(stdout);
    REQUIRE(poll(&poll_in, 1, 60000) == 1);
    while (fgets(line, sizeof line, file) && strcmp(line, "end\n"))
        fprintf(file, "here: %s", line);
    printf("end\n");
}

/* To another file it begins when somebody there has typed a line. */
static void flood(const char *path, long lines) {
    FILE *file = strcmp(path, "-") ? fopen(path, "r+") : stdout;

    REQUIRE(file);
    printf("begin\n");
    fflush(stdout);
    while (file != stdout && fgetc(file) != '\n')
        ;
    if (file != stdout)
        fseek(file, 0, SEEK_CUR);
    for (long i = 0; i < lines; i++)
        fprintf(file, "%-62ld.\n", i);
    REQUIRE(!fflush(file) && !ferror(file));
    REQUIRE(file == stdout || printf("done\n") > 0);
}

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "look"))
        look();
    else if (argc == 3 && !strcmp(argv[1], "echo"))
        answer(argv[2]);
    else if (argc == 4 && !strcmp(argv[1], "flood"))
        flood(argv[2], atol(argv[3]));
    else
        return 2;
    return 0;
}
