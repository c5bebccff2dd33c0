/* SPDX-License-Identifier: MIT */
/*
 * names PORT NAME=ADDRESS...: a server of names (RFC 1035) that knows those alone: others
 * it says not to exist. For tests of clients; it answers one question at a time, over UDP.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 12, MOST = 512, TYPE_A = 1, TYPE_AAAA = 28, NOT_THERE = 3 };

/* The question's name, with dots; the byte behind it, or NULL: it is not whole. */
static const unsigned char *read_name(const unsigned char *at, const unsigned char *end,
                                      char *name) {
    while (at < end && *at) {
        size_t size = *at++;
        if (size > 63 || at + size >= end)
            return NULL;
        memcpy(name, at, size);
        name += size;
        *name++ = at[size] ? '.' : '\0';
        at += size;
    }
    return at + 5 <= end ? at + 1 : NULL;
}

static const char *address_of(char **list, const char *name) {
    size_t size = strlen(name);

    for (; *list; list++)
        if (!strncmp(*list, name, size) && (*list)[size] == '=')
            return *list + size + 1;
    return NULL;
}

/* Makes the answer in place. Its size, or 0: none. */
static size_t answer(unsigned char *packet, size_t size, char **list) {
    char name[MOST] = "";
    const unsigned char *after = read_name(packet + HEADER, packet + size, name);
    if (!after)
        return 0;
    unsigned type = (unsigned)after[0] << 8 | after[1];
    const char *found = address_of(list, name);
    unsigned char data[16];
    int family = type == TYPE_AAAA ? AF_INET6 : AF_INET;
    size_t n = 0, at = (size_t)(after + 4 - packet);

    if (found && (type == TYPE_A || type == TYPE_AAAA) &&
        inet_pton(family, found, data) == 1)
        n = family == AF_INET ? 4 : 16;
    packet[2] = 0x81;
    packet[3] = (unsigned char)(0x80 | (found ? 0 : NOT_THERE));
    memset(packet + 6, 0, 6);
    packet[7] = n != 0;
    if (!n || at + 12 + n > MOST)
        return at;
    memcpy(packet + at,
           (unsigned char[]){0xc0, HEADER, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60, 0,
                             (unsigned char)n},
           12);
    memcpy(packet + at + 12, data, n);
    return at + 12 + n;
}

int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET}, from;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (argc < 2)
        return 2;
    here.sin_port = htons((unsigned short)atoi(argv[1]));
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0) {
        perror("names");
        return 1;
    }
    for (;;) {
        unsigned char packet[MOST];
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
        size_t m = n > HEADER ? answer(packet, (size_t)n, argv + 2) : 0;
        if (m)
            sendto(fd, packet, m, 0, (struct sockaddr *)&from, size);
    }
}
