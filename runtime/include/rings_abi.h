/* SPDX-License-Identifier: MIT */
/*
 * The shared rings: stdin, stdout and stderr between a guest that is the first domain and
 * atman-run, which has the memory of its QEMU mapped. Plain memory on both sides, so a byte
 * costs no trap; both the runtime and atman-run include this file.
 *
 * The guest owns one page that holds a struct rings_page, and the data pages that it names.
 * When all is filled in it writes "\x01ring ADDR\n" on its log port, where ADDR is the
 * machine address of that page in lower-case hex, and "\x01stdin\n" when the program first
 * wants to read.
 *
 * head and tail count bytes and wrap at 2^32; the ring holds head - tail bytes, those at
 * tail, tail + 1, ... modulo its size. Only the producer writes head, only the consumer
 * writes tail, each with release order after the bytes are written or read; the other side
 * reads it with acquire order.
 *
 * Wake-ups. The side that is about to sleep must not miss a change: atman-run stores 1 in
 * `bell`, then looks at the rings once more. The guest, after each change to a head or
 * tail, exchanges `bell` with 0 (sequentially consistent, as is atman-run's store), and if
 * it was 1 it writes the byte 2 to its log port. An emulator with one processor may carry
 * out that exchange as a load and a store, and the bell be lost: so atman-run sleeps for a
 * short time only. In the other direction there is no bell at first: a guest that waits
 * looks again from time to time, and gives the processor away in between.
 *
 * News. A guest that has written "\x01attend\n" gets an interrupt, by a byte on its second
 * serial port, whenever there is new input, or a signal or another window's size for it
 * (struct rings_news): then a Ctrl-C that reaches atman-run is the guest's. When it has
 * written "\x01terminal\n", too, it does itself what a terminal does with keys, and gets
 * them as they are.
 */
#ifndef ATMAN_RINGS_ABI_H
#define ATMAN_RINGS_ABI_H

#include <stdint.h>

#define RINGS_MAGIC 0x52474e49u /* "INGR" in memory */
#define RINGS_PAGE 4096u
#define RINGS_PAGES_MAX 32u /* data pages of one ring: 128 KiB */

enum rings_index {
    RINGS_STDIN,  /* atman-run produces */
    RINGS_STDOUT, /* the guest produces */
    RINGS_STDERR, /* the guest produces */
    RINGS_COUNT
};

/* The three lines that change hands often lie in cache lines of their own. */
struct rings_ring {
    _Alignas(64) uint32_t head;
    _Alignas(64) uint32_t tail;
    _Alignas(64) uint32_t pages;    /* data pages: a power of two */
    uint32_t closed;                /* 1: no byte will come after head (end of input) */
    uint64_t page[RINGS_PAGES_MAX]; /* machine addresses of the data pages */
};

/* atman-run writes, the guest takes each by exchanging it with 0. */
struct rings_news {
    _Alignas(64) uint64_t signals; /* bit n - 1: signal n is for the guest's process */
    uint32_t window;               /* columns << 16 | rows; 0: nothing new was said */
};

struct rings_page {
    uint32_t magic;
    _Alignas(64) uint32_t bell;
    struct rings_ring ring[RINGS_COUNT];
    struct rings_news news;
};

_Static_assert(sizeof(struct rings_page) <= RINGS_PAGE, "the rings' page is one page");

#endif
