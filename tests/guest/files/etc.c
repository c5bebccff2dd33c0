/* SPDX-License-Identifier: MIT */
/*
 * What is there from the beginning: /etc, the host's name, the time zone; and what a file
 * system without extended attributes answers.
 */
// stdout-from: checks
// case: plain
// case: a zone
// env: TZ=ABC5
// case: a zone and a name from the command line
// options: --tz ABC5 --hostname box.example
// args: box.example
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

static int has(const char *path, const char *line) {
    FILE *file = fopen(path, "r");
    char text[256];
    int found = 0;

    while (file && fgets(text, sizeof text, file))
        found |= !strcmp(text, line);
    if (file)
        fclose(file);
    return found;
}

static void test_files(void) {
    struct passwd *root = getpwnam("root");
    struct stat stat_;

    CHECK(root && root->pw_uid == 0 && !strcmp(root->pw_dir, "/root"));
    CHECK(getpwuid(65534) && !strcmp(getpwuid(65534)->pw_name, "nobody"));
    CHECK(getgrgid(0) && !strcmp(getgrgid(0)->gr_name, "root"));
    CHECK(has("/etc/hosts", "127.0.0.1\tlocalhost\n"));
    CHECK(!stat("/etc/resolv.conf", &stat_) && !stat("/run", &stat_));
    CHECK(!stat("/root", &stat_) && (stat_.st_mode & 07777) == 0700);
    CHECK(!stat("/var/tmp", &stat_) && (stat_.st_mode & 07777) == 01777);
    CHECK(!unlink("/etc/passwd") && !getpwnam("root"));
}

/* From the command line, or none. */
static const char *name = "localhost";

static void test_host(void) {
    char host[65], line[80];
    struct utsname own;

    CHECK(!gethostname(host, sizeof host) && !strcmp(host, name));
    CHECK(!uname(&own) && !strcmp(own.nodename, name));
    snprintf(line, sizeof line, "%s\n", name);
    CHECK(has("/etc/hostname", line));
    CHECK(has("/proc/sys/kernel/hostname", line));
    snprintf(line, sizeof line, "127.0.1.1\t%s\n", name);
    CHECK(has("/etc/hosts", line));
    CHECK_EQUAL(sethostname("another", 7), 0);
    CHECK(!uname(&own) && !strcmp(own.nodename, "another"));
    CHECK(has("/proc/sys/kernel/hostname", "another\n"));
    int fd = open("/proc/sys/kernel/hostname", O_WRONLY);
    CHECK(write(fd, "third\n", 6) == 6 && !close(fd));
    CHECK(!gethostname(host, sizeof host) && !strcmp(host, "third"));
    CHECK_EQUAL(setdomainname("home", 4), 0);
    CHECK(!uname(&own) && !strcmp(own.domainname, "home"));
    memset(line, 'x', sizeof line);
    CHECK_EQUAL(sethostname(line, 64), 0);
    CHECK(!uname(&own) && strlen(own.nodename) == 64);
    CHECK_FAILS(sethostname(line, 65), EINVAL);
    CHECK_FAILS(sethostname(line, (size_t)-1), EINVAL);
}

static void test_zone(const char *zone, long west) {
    time_t now = 0;

    tzset();
    CHECK(!strcmp(tzname[0], zone) && timezone == west);
    CHECK_EQUAL(localtime(&now)->tm_hour, (24 - west / 3600) % 24);
}

static void test_attributes(void) {
    char value[16];
    int fd = open("/etc/hosts", O_RDONLY);

    CHECK_FAILS(getxattr("/etc/hosts", "user.x", value, sizeof value), EOPNOTSUPP);
    CHECK_FAILS(lgetxattr("/etc/hosts", "user.x", value, sizeof value), EOPNOTSUPP);
    CHECK_FAILS(fgetxattr(fd, "user.x", value, sizeof value), EOPNOTSUPP);
    CHECK_FAILS(setxattr("/etc/hosts", "user.x", value, sizeof value, 0), EOPNOTSUPP);
    CHECK_FAILS(lsetxattr("/etc/hosts", "user.x", value, sizeof value, 0), EOPNOTSUPP);
    CHECK_FAILS(fsetxattr(fd, "user.x", value, sizeof value, 0), EOPNOTSUPP);
    CHECK_FAILS(removexattr("/etc/hosts", "user.x"), EOPNOTSUPP);
    CHECK_FAILS(lremovexattr("/etc/hosts", "user.x"), EOPNOTSUPP);
    CHECK_FAILS(fremovexattr(fd, "user.x"), EOPNOTSUPP);
    CHECK_EQUAL(listxattr("/etc/hosts", value, sizeof value), 0);
    CHECK_EQUAL(llistxattr("/etc/hosts", NULL, 0), 0);
    CHECK_EQUAL(flistxattr(fd, value, sizeof value), 0);
    CHECK_FAILS(getxattr("/none", "user.x", value, sizeof value), ENOENT);
    CHECK_FAILS(fgetxattr(-1, "user.x", value, sizeof value), EBADF);
}

static void test_children(void) {
    int status;

    CHECK_FAILS(wait(&status), ECHILD);
    CHECK_FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
    CHECK_FAILS(waitpid(5, NULL, 0x100), EINVAL);
    siginfo_t info;
    CHECK_FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_FAILS(waitid(P_ALL, 0, &info, 0), EINVAL);
}

int main(int argc, char **argv) {
    if (argc > 1)
        name = argv[1];
    if (getenv("TZ"))
        test_zone("ABC", 5l * 3600);
    else
        test_zone("UTC", 0);
    test_host();
    test_files();
    test_attributes();
    test_children();
    return checks_end();
}
