/* SPDX-License-Identifier: MIT */
/* inotify: what is told of files and directories, and when. */
// stdout-from: checks
// native: -pthread
// vcpus: 1 2
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"

#define DIR "/tmp/atman-inotify"

static char events[1 << 16];
static ssize_t left, at;

/* The next event is that one; name NULL: without. */
static void expect_at(int line, int fd, int watch, unsigned mask, const char *name) {
    if (at >= left) {
        at = 0;
        left = read(fd, events, sizeof events);
    }
    if (!check_at(left > 0, line, "there is an event")) {
        left = 0;
        return;
    }
    const struct inotify_event *e = (const void *)(events + at);
    at += (ssize_t)sizeof *e + e->len;
    check_equal_at(e->mask, mask, line, "mask");
    check_equal_at(e->wd, watch, line, "watch");
    check_at(name ? e->len && !strcmp(e->name, name) : !e->len, line, "name");
    check_at(e->len % sizeof *e == 0, line, "size");
}

#define EXPECT(...) expect_at(__LINE__, __VA_ARGS__)
#define EXPECT_NONE(fd)                                                                    \
    do {                                                                                   \
        CHECK(at >= left);                                                                 \
        CHECK_FAILS(read(fd, events, sizeof events), EAGAIN);                              \
    } while (0)

static void touch(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    CHECK(fd >= 0);
    if (*text)
        CHECK(write(fd, text, strlen(text)) > 0);
    close(fd);
}

static void test_directory(void) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int watch = inotify_add_watch(fd, DIR, IN_ALL_EVENTS & ~IN_ACCESS);

    CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC && watch == 1);
    EXPECT_NONE(fd);
    touch(DIR "/file", "x");
    EXPECT(fd, watch, IN_CREATE, "file");
    EXPECT(fd, watch, IN_OPEN, "file");
    EXPECT(fd, watch, IN_MODIFY, "file");
    EXPECT(fd, watch, IN_CLOSE_WRITE, "file");
    EXPECT_NONE(fd);
    CHECK_EQUAL(chmod(DIR "/file", 0644), 0);
    EXPECT(fd, watch, IN_ATTRIB, "file");
    CHECK_EQUAL(rename(DIR "/file", DIR "/moved"), 0);
    EXPECT(fd, watch, IN_MOVED_FROM, "file");
    unsigned cookie = ((struct inotify_event *)(void *)(events))->cookie;
    CHECK(cookie && ((struct inotify_event *)(void *)(events + at))->cookie == cookie);
    EXPECT(fd, watch, IN_MOVED_TO, "moved");
    EXPECT_NONE(fd);
    CHECK_EQUAL(mkdir(DIR "/sub", 0700), 0);
    EXPECT(fd, watch, IN_CREATE | IN_ISDIR, "sub");
    touch(DIR "/sub/deep", "");
    EXPECT_NONE(fd);
    CHECK(unlink(DIR "/sub/deep") == 0 && rmdir(DIR "/sub") == 0);
    EXPECT(fd, watch, IN_DELETE | IN_ISDIR, "sub");
    CHECK(link(DIR "/moved", DIR "/link") == 0 && symlink("x", DIR "/symlink") == 0);
    EXPECT(fd, watch, IN_CREATE, "link");
    EXPECT(fd, watch, IN_CREATE, "symlink");
    CHECK(unlink(DIR "/link") == 0 && unlink(DIR "/symlink") == 0);
    EXPECT(fd, watch, IN_DELETE, "link");
    EXPECT(fd, watch, IN_DELETE, "symlink");
    EXPECT_NONE(fd);
    CHECK_EQUAL(inotify_rm_watch(fd, watch), 0);
    EXPECT(fd, watch, IN_IGNORED, NULL);
    CHECK_FAILS(inotify_rm_watch(fd, watch), EINVAL);
    CHECK(unlink(DIR "/moved") == 0);
    EXPECT_NONE(fd);
    close(fd);
}

static void test_file(void) {
    int fd = inotify_init1(IN_NONBLOCK);
    char byte;

    touch(DIR "/file", "xyz");
    int watch = inotify_add_watch(fd, DIR "/file", IN_ALL_EVENTS);
    int file = open(DIR "/file", O_RDWR);
    EXPECT(fd, watch, IN_OPEN, NULL);
    CHECK(read(file, &byte, 1) == 1 && read(file, &byte, 1) == 1);
    EXPECT(fd, watch, IN_ACCESS, NULL); /* the second one is the same */
    EXPECT_NONE(fd);
    CHECK(write(file, "a", 1) == 1 && ftruncate(file, 1) == 0);
    EXPECT(fd, watch, IN_MODIFY, NULL);
    CHECK_EQUAL(link(DIR "/file", DIR "/other"), 0);
    EXPECT(fd, watch, IN_ATTRIB, NULL);
    CHECK_EQUAL(unlink(DIR "/file"), 0);
    EXPECT(fd, watch, IN_ATTRIB, NULL);
    CHECK_EQUAL(rename(DIR "/other", DIR "/file"), 0);
    EXPECT(fd, watch, IN_MOVE_SELF, NULL);
    close(file);
    EXPECT(fd, watch, IN_CLOSE_WRITE, NULL);
    EXPECT_NONE(fd);
    CHECK_EQUAL(unlink(DIR "/file"), 0);
    EXPECT(fd, watch, IN_ATTRIB, NULL);
    EXPECT(fd, watch, IN_DELETE_SELF, NULL);
    EXPECT(fd, watch, IN_IGNORED, NULL);
    EXPECT_NONE(fd);
    touch(DIR "/file", "");
    EXPECT_NONE(fd);
    close(fd);
}

static void test_masks(void) {
    int fd = inotify_init1(IN_NONBLOCK);
    int watch = inotify_add_watch(fd, DIR "/file", IN_OPEN);

    CHECK_EQUAL(inotify_add_watch(fd, DIR "/file", IN_CLOSE | IN_MASK_ADD), watch);
    touch(DIR "/file", "");
    EXPECT(fd, watch, IN_OPEN, NULL);
    EXPECT(fd, watch, IN_CLOSE_WRITE, NULL);
    CHECK_EQUAL(inotify_add_watch(fd, DIR "/file", IN_MODIFY), watch);
    touch(DIR "/file", "x");
    EXPECT(fd, watch, IN_MODIFY, NULL);
    EXPECT_NONE(fd);
    CHECK_FAILS(inotify_add_watch(fd, DIR "/file", IN_OPEN | 0x10000000), EEXIST);
    CHECK_EQUAL(inotify_add_watch(fd, DIR "/file", IN_OPEN | IN_ONESHOT), watch);
    touch(DIR "/file", "x");
    EXPECT(fd, watch, IN_OPEN, NULL);
    EXPECT(fd, watch, IN_IGNORED, NULL);
    EXPECT_NONE(fd);
    int second = inotify_add_watch(fd, DIR "/file", IN_OPEN);
    CHECK(second > watch);
    CHECK_FAILS(inotify_add_watch(fd, DIR "/file", 0), EINVAL);
    CHECK_FAILS(inotify_add_watch(fd, DIR "/file", IN_OPEN | IN_ONLYDIR), ENOTDIR);
    CHECK_FAILS(inotify_add_watch(fd, DIR "/missing", IN_OPEN), ENOENT);
    CHECK_FAILS(inotify_add_watch(0, DIR, IN_OPEN), EINVAL);
    CHECK_FAILS(inotify_add_watch(-1, DIR, IN_OPEN), EBADF);
    CHECK_FAILS(inotify_init1(1), EINVAL);
    CHECK_EQUAL(symlink("file", DIR "/symlink"), 0);
    CHECK_EQUAL(inotify_add_watch(fd, DIR "/symlink", IN_OPEN), second);
    CHECK(inotify_add_watch(fd, DIR "/symlink", IN_OPEN | IN_DONT_FOLLOW) > second);
    CHECK_EQUAL(unlink(DIR "/symlink"), 0);
    close(fd);
}

/* Of a file without a name any more: unless that is not wanted. */
static void test_unlinked(void) {
    for (int excluded = 0; excluded < 2; excluded++) {
        int fd = inotify_init1(IN_NONBLOCK);
        int watch = inotify_add_watch(fd, DIR, IN_MODIFY | (excluded ? IN_EXCL_UNLINK : 0));
        int file = open(DIR "/gone", O_RDWR | O_CREAT, 0600);
        CHECK(unlink(DIR "/gone") == 0 && write(file, "x", 1) == 1);
        if (!excluded)
            EXPECT(fd, watch, IN_MODIFY, "gone");
        EXPECT_NONE(fd);
        close(file);
        close(fd);
    }
}

/* A small buffer, readiness, and a queue that is full. */
static void test_queue(void) {
    int fd = inotify_init1(IN_NONBLOCK), bytes, read_events = 0, overflows = 0;
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int one = inotify_add_watch(fd, DIR "/file", IN_OPEN);
    int two = inotify_add_watch(fd, DIR, IN_OPEN);

    CHECK_EQUAL(poll(&poll_fd, 1, 0), 0);
    touch(DIR "/file", "");
    CHECK(poll(&poll_fd, 1, 0) == 1 && poll_fd.revents == POLLIN);
    CHECK(ioctl(fd, FIONREAD, &bytes) == 0 && bytes == 16 + 32);
    CHECK_FAILS(read(fd, events, 15), EINVAL);
    CHECK_EQUAL(read(fd, events, 32 + 15), 32); /* the directory's comes first */
    CHECK_EQUAL(read(fd, events, 16), 16);
    CHECK_EQUAL(poll(&poll_fd, 1, 0), 0);
    CHECK_EQUAL(inotify_rm_watch(fd, two), 0);
    CHECK_EQUAL(inotify_add_watch(fd, DIR "/file", IN_OPEN | IN_CLOSE), one);
    for (int i = 0; i < 10000; i++)
        close(open(DIR "/file", O_RDONLY));
    for (ssize_t n; (n = read(fd, events, sizeof events)) > 0;)
        for (at = 0; at < n; at += 16) {
            const struct inotify_event *e = (const void *)(events + at);
            read_events++;
            if (e->mask == IN_Q_OVERFLOW) {
                overflows++;
                CHECK(e->wd == -1 && at + 16 == n && e->len == 0);
            }
        }
    CHECK(overflows == 1 && read_events == 16384 + 1);
    left = at = 0;
    EXPECT_NONE(fd);
    close(fd);
}

static int blocking;

static void *make_file(void *unused) {
    usleep(20000);
    touch(DIR "/late", "");
    return unused;
}

static void test_blocking(void) {
    char link[64], target[64] = "";
    pthread_t thread;

    blocking = inotify_init();
    snprintf(link, sizeof link, "/proc/self/fd/%d", blocking);
    CHECK(readlink(link, target, sizeof target) > 0 &&
          !strcmp(target, "anon_inode:inotify"));
    int watch = inotify_add_watch(blocking, DIR, IN_CREATE);
    CHECK_EQUAL(pthread_create(&thread, NULL, make_file, NULL), 0);
    EXPECT(blocking, watch, IN_CREATE, "late");
    pthread_join(thread, NULL);
    CHECK_EQUAL(unlink(DIR "/late"), 0);
    CHECK_EQUAL(close(blocking), 0);
}

int main(void) {
    CHECK_EQUAL(mkdir(DIR, 0700), 0);
    test_directory();
    test_file();
    test_masks();
    test_unlinked();
    test_queue();
    test_blocking();
    CHECK(unlink(DIR "/file") == 0 && rmdir(DIR) == 0);
    return checks_end();
}
