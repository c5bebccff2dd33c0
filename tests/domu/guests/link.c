/* SPDX-License-Identifier: MIT */
/*
 * Links without a stack: the program answers ARP, echo requests and UDP to port 7 itself,
 * for the address that is its first argument (the last byte counts on with the link's
 * number), on as many links as the second says. UDP to port 9 is a command.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the runtime with checks (runtime/net/linked.c). */
struct atman_link_info {
    unsigned char mac[6];
    unsigned short mtu;
    unsigned features, is_up, changes, writable, kept, returned;
    unsigned long frames_in, frames_out, dropped_in, errors_in, errors_out;
};

struct atman_link_frame {
    unsigned link, sum, gso, gso_size, pieces;
};

long atman_link_start(int filters, int no_wait);
long atman_link_look(unsigned number, struct atman_link_info *info);
long atman_link_receive(struct atman_link_frame *frame, void *data, unsigned long size,
                        unsigned long milliseconds);
long atman_link_send(unsigned number, const void *data, unsigned long size,
                     const struct atman_link_frame *how, int by_reference);
unsigned long atman_granted_free_pages(void);
void atman_link_join(unsigned number, const unsigned char *mac, int is_wanted);

enum {
    LINKS = 4,
    ETHER = 14,
    IP = 20,
    ICMP_SUM = 2,
    UDP_SUM = 6,
    UDP = 8,
    SUM_BLANK = 2,
    QUIT = 999,
    SHOUT = 998,
    LARGE = 997,
    PAYLOAD = 20000, /* of a segment that is to be cut up */
};

static unsigned char frame[65536];
static struct atman_link_frame how;
static uint32_t address; /* of the first link, in the host's order */
static struct atman_link_info now[LINKS];
static unsigned long largest, most_pieces, groups; /* groups: frames for any */

static unsigned get16(const unsigned char *at) {
    return (unsigned)at[0] << 8 | at[1];
}

static void put16(unsigned char *at, unsigned value) {
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static uint32_t get32(const unsigned char *at) {
    return get16(at) << 16 | get16(at + 2);
}

/* The sum as it is, folded. */
static unsigned sum(const unsigned char *at, size_t size, unsigned start) {
    uint64_t all = start;

    for (size_t i = 0; i + 1 < size; i += 2)
        all += get16(at + i);
    if (size % 2)
        all += (unsigned)at[size - 1] << 8;
    while (all >> 16)
        all = (all & 0xffff) + (all >> 16);
    return (unsigned)all;
}

static void swap(unsigned char *a, unsigned char *b, size_t size) {
    while (size--) {
        unsigned char c = *a;
        *a++ = *b;
        *b++ = c;
    }
}

/* Every other one by reference; one that finds no room is lost, as on any cable. */
static unsigned long send_back(size_t size, unsigned sum_kind) {
    static unsigned long count, lost;
    struct atman_link_frame out = {.sum = sum_kind};

    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, now[how.link].mac, 6);
    if (atman_link_send(how.link, frame, size, &out, count++ % 2) < 0)
        lost++;
    return lost;
}

static bool is_ours(uint32_t to) {
    return to == address + how.link;
}

static void answer_arp(size_t size) {
    unsigned char *arp = frame + ETHER;

    if (size < ETHER + 28 || get16(arp + 6) != 1 || !is_ours(get32(arp + 24)))
        return;
    put16(arp + 6, 2);
    swap(arp + 8, arp + 18, 10);
    memcpy(arp + 8, now[how.link].mac, 6);
    send_back(ETHER + 28, 0);
}

static void tell(const char *what) {
    for (unsigned i = 0; i < LINKS; i++) {
        struct atman_link_info *n = &now[i];
        if (atman_link_look(i, n))
            continue;
        printf("%s eth%u %02x:%02x mtu %u %s\n", what, i, n->mac[4], n->mac[5], n->mtu,
               n->is_up ? "up" : "down");
        if (!strcmp(what, "end"))
            printf("eth%u: kept %u returned %u errors %lu %lu dropped %lu in %lu\n", i,
                   n->kept, n->returned, n->errors_in, n->errors_out, n->dropped_in,
                   n->frames_in);
    }
}

static _Noreturn void end(void) {
    tell("end");
    printf("largest %lu pieces %lu groups %lu\n", largest, most_pieces, groups);
    exit(0);
}

static void shout(void) {
    static const unsigned char to[2][6] = {{1, 0, 0x5e, 1, 2, 3}, {1, 0, 0x5e, 1, 2, 4}};

    how.link = 1;
    for (unsigned i = 0; i < 6; i++) {
        unsigned char *ip = frame + ETHER;
        memcpy(frame + 6, to[i % 2], 6);
        put16(frame + 12, 0x800);
        memset(ip, 0, 100);
        ip[0] = 0x45;
        ip[3] = 100;
        ip[8] = ip[9] = 1;
        memcpy(ip + 12, "\12\0\2\63\340\1\2", 7);
        ip[19] = to[i % 2][5];
        put16(ip + 10, ~sum(ip, IP, 0) & 0xffff);
        send_back(ETHER + 100, 0);
    }
}

/* To who has just asked. */
static void send_large(bool is_v6, bool by_reference) {
    size_t header = is_v6 ? 40 : IP;
    unsigned char *ip = frame + ETHER, *tcp = ip + header;
    struct atman_link_frame out = {
        .sum = SUM_BLANK, .gso = is_v6 ? 2 : 1, .gso_size = 1000};

    put16(frame + 12, is_v6 ? 0x86dd : 0x800);
    memset(tcp, 0, 20);
    put16(tcp, 1234);
    put16(tcp + 2, 4321);
    tcp[12] = 5 << 4;
    memset(tcp + 20, 'x', PAYLOAD);
    if (is_v6) {
        memset(ip, 0, header);
        memcpy(ip, "\140\0\0\0", 4);
        put16(ip + 4, 20 + PAYLOAD);
        memcpy(ip + 6, "\6\1\376\200", 4);
        memcpy(ip + 24, "\376\200", 2);
        ip[23] = 1;
        ip[39] = 2;
        put16(tcp + 16, sum(ip + 8, 32, 6 + 20 + PAYLOAD));
    } else {
        put16(ip + 2, (unsigned)(IP + 20 + PAYLOAD));
        put16(ip + 6, 0x4000);
        ip[9] = 6;
        put16(ip + 10, 0);
        put16(ip + 10, ~sum(ip, IP, 0) & 0xffff);
        put16(tcp + 16, sum(ip + 12, 8, 6 + 20 + PAYLOAD));
    }
    if (atman_link_send(how.link, frame, ETHER + header + 20 + PAYLOAD, &out,
                        by_reference) < 0)
        printf("a large one does not go\n");
}

/* Any fragment goes back as it is; the first one has the kind, and the sum of them all. */
static void answer_echo(unsigned char *ip, size_t size) {
    unsigned char *icmp = ip + IP;

    swap(ip + 12, ip + 16, 4);
    if (!(get16(ip + 6) & 0x1fff)) {
        if (icmp[0] != 8)
            return;
        icmp[0] = 0;
        put16(icmp + ICMP_SUM, sum(icmp + ICMP_SUM, 2, 0x800));
    }
    send_back(ETHER + size, 0);
    if (size == IP + 8 + QUIT)
        end();
    if (size == IP + 8 + SHOUT)
        shout();
    for (int i = 0; size == IP + 8 + LARGE && i < 4; i++)
        send_large(i / 2, i % 2);
}

/* There is no such name; the sum is left to the other side. */
static void answer_name(unsigned char *ip, size_t size) {
    unsigned char *udp = ip + IP, *dns = udp + UDP;

    if (size < IP + UDP + 12 || get16(udp + 2) != 53)
        return;
    put16(dns + 2, 0x8183);
    swap(ip + 12, ip + 16, 4);
    swap(udp, udp + 2, 2);
    put16(udp + UDP_SUM, sum(ip + 12, 8, 17 + get16(udp + 4)));
    send_back(ETHER + size, SUM_BLANK);
}

static void answer_ip(size_t got) {
    unsigned char *ip = frame + ETHER;

    if (got < ETHER + IP || ip[0] != 0x45)
        return;
    groups += !how.link && ip[16] >> 4 == 14 && ip[9] == 1;
    if (!is_ours(get32(ip + 16)))
        return;
    size_t size = get16(ip + 2);
    if (size < IP + 8 || size > got - ETHER)
        return;
    if (sum(ip, IP, 0) != 0xffff) {
        printf("a wrong sum\n");
        exit(1);
    }
    if (ip[9] == 1)
        answer_echo(ip, size);
    else if (ip[9] == 17)
        answer_name(ip, size);
}

/* So that nobody looks for who had the address before. */
static void announce(unsigned link) {
    how.link = link;
    memset(frame, 0xff, 12);
    put16(frame + 12, 0x806);
    memcpy(frame + ETHER, "\0\1\10\0\6\4\0\1", 8);
    memcpy(frame + ETHER + 8, now[link].mac, 6);
    put16(frame + ETHER + 14, (address + link) >> 16);
    put16(frame + ETHER + 16, (address + link) & 0xffff);
    memset(frame + ETHER + 18, 0, 6);
    memcpy(frame + ETHER + 24, frame + ETHER + 14, 4);
    memset(frame + 6, 0xff, 6);
    send_back(ETHER + 28, 0);
}

/* What is said once it is so. */
static void look(unsigned wanted) {
    static unsigned changes[LINKS];
    static bool was_ready;
    unsigned up = 0;

    for (unsigned i = 0; i < LINKS; i++) {
        struct atman_link_info info = {0};
        bool is_there = !atman_link_look(i, &info);
        up += is_there && info.is_up;
        if (is_there && info.changes != changes[i])
            printf("eth%u %s\n", i, info.is_up ? "up" : "down");
        if (!is_there && changes[i])
            printf("eth%u gone, %lu free\n", i, atman_granted_free_pages());
        if (is_there)
            now[i] = info;
        if (info.changes != changes[i] && info.is_up)
            announce(i);
        changes[i] = info.changes;
    }
    if (up >= wanted && !was_ready) {
        was_ready = true;
        tell("ready");
    }
}

int main(int argc, char **argv) {
    unsigned wanted = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    bool filters = argc > 3 && !strcmp(argv[3], "filter");

    setvbuf(stdout, NULL, _IOLBF, 0);
    address = argc > 1 ? ntohl(inet_addr(argv[1])) : 0;
    long error = atman_link_start(filters, 0);
    if (!error && filters) {
        atman_link_join(0, (const unsigned char *)"\1\0\x5e\1\2\3", 1);
        atman_link_join(0, (const unsigned char *)"\377\377\377\377\377\377", 1);
    }
    if (error) {
        printf("no links: %ld\n", error);
        return 1;
    }
    for (;;) {
        look(wanted);
        long size = atman_link_receive(&how, frame, sizeof frame, 200);
        if (size < ETHER || (!(frame[0] & 1) && memcmp(frame, now[how.link].mac, 6) != 0))
            continue;
        if ((unsigned long)size > largest)
            largest = (unsigned long)size;
        if (how.pieces > most_pieces)
            most_pieces = how.pieces;
        if (get16(frame + 12) == 0x806)
            answer_arp((size_t)size);
        else if (get16(frame + 12) == 0x800)
            answer_ip((size_t)size);
    }
}
