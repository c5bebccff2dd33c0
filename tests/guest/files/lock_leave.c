/* SPDX-License-Identifier: MIT */
/*
 * A handler that leaves a call which waits for a lock, by longjmp: the call holds nothing
 * any more. The file is a FIFO's writing end, so that its reader tells when it has gone. A
 * handler that returns has the call go on, or end, as it was set up.
 */
// native:
// stdout-from: native
// vcpus: 1 2
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#include "files/say.h"

static sigjmp_buf place;
static volatile int leaves, rung;
static int reader;

static void ring(int signal) {
    (void)signal;
    rung++;
    if (leaves)
        siglongjmp(place, 1);
    if (rung == 3)
        flock(reader, LOCK_UN);
}

static void set_handler(int flags) {
    struct sigaction action = {.sa_handler = ring, .sa_flags = flags};
    struct itimerval often = {{0, 20000}, {0, 20000}};

    sigaction(SIGALRM, &action, NULL);
    rung = 0;
    setitimer(ITIMER_REAL, &often, NULL);
}

static void stop(void) {
    struct itimerval none = {{0, 0}, {0, 0}};

    setitimer(ITIMER_REAL, &none, NULL);
}

static long wait_for(int fd, int kind) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return kind ? fcntl(fd, F_OFD_SETLKW, &all) : flock(fd, LOCK_EX);
}

int main(void) {
    place_make();
    SAY(mkfifo("fifo", 0644));
    reader = SAY_OPEN(open("fifo", O_RDONLY | O_NONBLOCK));
    for (volatile int kind = 0; kind < 2; kind++) {
        struct flock all = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        char c;
        printf("-- %s\n", kind ? "a range" : "whole");
        SAY(kind ? fcntl(reader, F_OFD_SETLK, &all) : flock(reader, LOCK_EX));
        for (volatile int i = 0; i < 20; i++) {
            int writer = open("fifo", O_WRONLY);
            leaves = 1;
            if (!sigsetjmp(place, 1)) {
                set_handler(0);
                SAY(wait_for(writer, kind));
            }
            stop();
            close(writer);
            if (read(reader, &c, 1))
                SAY(read(reader, &c, 1));
        }
        leaves = 0;
        int writer = open("fifo", O_WRONLY);
        set_handler(0);
        SAY(wait_for(writer, kind));
        if (!kind) { /* let go of by the third signal */
            set_handler(SA_RESTART);
            SAY(wait_for(writer, kind));
            printf("rung at least 3 times: %d\n", rung >= 3);
        }
        stop();
        close(writer);
    }
    close(reader);
    return place_end();
}
