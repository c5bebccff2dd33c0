/* SPDX-License-Identifier: MIT */
/* What connections and datagrams take is given back: memory before and after many of them.
 */
// vcpus: 2
// memory: 64M
// stdout-from: checks
#define _GNU_SOURCE
#include "net.h"

#include <sys/sysinfo.h>

enum { ROUNDS = 200, SLACK = 64 * 4096 };

static unsigned long free_memory(void) {
    struct sysinfo info;

    CHECK(!sysinfo(&info));
    return info.freeram * info.mem_unit;
}

/* Each ends without leaving anything that waits: by a reset, with data on their way. */
static void use(unsigned round) {
    static char data[50000];
    struct linger hard = {1, 0};
    int ends[2], a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET6, SOCK_DGRAM, 0);
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};

    connect_pair(ends);
    CHECK(send(ends[0], data, sizeof data, MSG_DONTWAIT) > 0);
    CHECK(send(ends[1], data, 1 + round % 5000, MSG_DONTWAIT) > 0);
    if (round & 1)
        CHECK_EQUAL(recv(ends[1], data, 30000, MSG_WAITALL), 30000);
    CHECK(!setsockopt(ends[round / 2 % 2], SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
    close(ends[round / 2 % 2]);
    close(ends[!(round / 2 % 2)]);
    CHECK(!bind(b, AS(any)));
    struct sockaddr_in to = loop4(port_of(b));
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(sendto(a, data, round * 100, 0, AS(to)), round * 100);
    close(a);
    close(b);
}

int main(void) {
    for (unsigned i = 0; i < ROUNDS; i++)
        use(i);
    unsigned long before = free_memory();
    for (unsigned i = 0; i < ROUNDS; i++)
        use(i);
    unsigned long after = free_memory();
    if (!CHECK(after + SLACK >= before))
        printf("    %lu bytes less\n", before - after);
    return checks_end();
}
