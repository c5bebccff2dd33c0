/* SPDX-License-Identifier: MIT */
/* Numbers that nobody outside can guess: SipHash-2-4 under a key that is drawn once. */
#include "base/string.h"
#include "fs/entropy.h"
#include "lwip/opt.h"

#include LWIP_HOOK_FILENAME
#include "net/stack.h"
#include "sched/clock.h"

static uint64_t key[2], drawn;

void secret_init(void) {
    entropy_read(key, sizeof key);
}

static uint64_t turn(uint64_t x, unsigned by) {
    return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4], unsigned rounds) {
    for (; rounds; rounds--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = turn(v[1], 13) ^ v[0];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] = turn(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = turn(v[1], 17) ^ v[2];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] = turn(v[2], 32);
    }
}

uint64_t secret_hash(const void *data, size_t size) {
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                     key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
    const char *at = data;

    for (size_t left = size;; left -= 8, at += 8) {
        uint64_t word = left < 8 ? (uint64_t)size << 56 : 0;
        memcpy(&word, at, MIN(left, 8ul));
        v[3] ^= word;
        mix(v, 2);
        v[0] ^= word;
        if (left < 8)
            break;
    }
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint32_t net_random(void) {
    uint64_t number = __atomic_add_fetch(&drawn, 1, __ATOMIC_RELAXED);

    return (uint32_t)secret_hash(&number, sizeof number);
}

/* Each pair of ends has numbers of its own, which go up by one each 64 ns. */
uint32_t net_first_sequence(const ip_addr_t *local, uint16_t local_port,
                            const ip_addr_t *remote, uint16_t remote_port) {
    struct {
        ip_addr_t local, remote;
        uint16_t local_port, remote_port;
    } pair;

    memset(&pair, 0, sizeof pair);
    ip_addr_copy(pair.local, *local);
    ip_addr_copy(pair.remote, *remote);
    pair.local_port = local_port;
    pair.remote_port = remote_port;
    return (uint32_t)secret_hash(&pair, sizeof pair) + (uint32_t)(clock_monotonic() >> 6);
}
