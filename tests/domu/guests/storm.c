/* SPDX-License-Identifier: MIT */
/*
 * Runs in the control domain, as a process: signals all event channels that lead to domain
 * N, again and again, whoever they are of, for as many seconds as it is told. Tells how
 * often, and how many channels there are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Linux's include/uapi/xen/privcmd.h, Xen's public/event_channel.h. */
struct hypercall {
    uint64_t number, arguments[5];
};

#define HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))

enum {
    EVENT_CHANNEL_OP = 32,
    SEND = 4,
    STATUS = 5,
    INTERDOMAIN = 2,
    SELF = 0x7ff0,
    PORTS = 4096,
    ROUND = 1000,
};

struct status {
    uint16_t domain;
    uint32_t port, status, vcpu;
    struct {
        uint16_t domain;
        uint32_t port;
    } other;
};

static int device;
static void *page; /* which the hypervisor can read */

static int call(unsigned operation) {
    struct hypercall h = {EVENT_CHANNEL_OP, {operation, (uint64_t)(uintptr_t)page}};

    return ioctl(device, HYPERCALL, &h);
}

static int find(unsigned domain, uint32_t *found) {
    int count = 0;

    for (uint32_t port = 1; port < PORTS; port++) {
        struct status s = {.domain = SELF, .port = port};
        memcpy(page, &s, sizeof s);
        if (call(STATUS))
            break;
        memcpy(&s, page, sizeof s);
        if (s.status == INTERDOMAIN && s.other.domain == domain)
            found[count++] = port;
    }
    return count;
}

int main(int argc, char **argv) {
    static uint32_t ports[PORTS];
    unsigned long sent = 0;

    if (argc != 3)
        return 2;
    device = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
    if (device < 0 || page == MAP_FAILED) {
        perror("storm");
        return 1;
    }
    int count = find((unsigned)atoi(argv[1]), ports);
    time_t end = time(NULL) + atoi(argv[2]);
    while (count && time(NULL) < end)
        for (int i = 0; i < ROUND; i++, sent++) {
            memcpy(page, &ports[i % count], sizeof *ports);
            if (call(SEND) && errno != EINVAL && errno != ENOENT) {
                perror("storm: send");
                return 1;
            }
        }
    printf("%d channels, %lu events\n", count, sent);
    return count ? 0 : 1;
}
