/* SPDX-License-Identifier: MIT */
/*
 * atman-run's side of the shared rings (rings_abi.h has the protocol). The guest's memory
 * is untrusted: each value is read once, checked, and then used from our own copy; what
 * does not fit the protocol ends the use of the rings, never an access outside the memory.
 */
#ifndef ATMAN_RUN_RINGS_H
#define ATMAN_RUN_RINGS_H

#include "outlet.h"
#include "rings_abi.h"

#include <stdbool.h>
#include <stddef.h>

/* The guest's memory, and the rings in it. */
struct rings {
    char *memory; /* all RAM of the machine, mapped; not ours to unmap */
    uint64_t size;
    uint64_t low;            /* RAM from 0 to here; the rest of it begins at 4 GiB */
    struct rings_page *page; /* NULL: not attached */
    struct {
        uint32_t bytes;              /* of data, a power of two */
        char *data[RINGS_PAGES_MAX]; /* its pages, in memory */
        uint32_t position;           /* our own head or tail */
    } ring[RINGS_COUNT];
};

/* Attaches to the rings whose page is at a machine address. Returns NULL, or what is wrong
 * there as a static string. */
const char *rings_attach(struct rings *rings, uint64_t address);

/* Moves what ring `index` (RINGS_STDOUT, RINGS_STDERR) holds to an outlet, as much as that
 * takes. False if the guest broke the protocol. */
bool rings_take(struct rings *rings, enum rings_index index, struct outlet *outlet);

/* Writes up to length bytes of input, and returns how many went in. */
size_t rings_give(struct rings *rings, const char *bytes, size_t length);

/* News for the guest: signals (bit n - 1 for signal n), and the window's size (columns <<
 * 16 | rows; 0: as before). */
void rings_news(struct rings *rings, uint64_t signals, uint32_t window);

/* Says that no input will follow. */
void rings_close_input(struct rings *rings);

/* Asks for the doorbell: call it before sleeping, and look at the rings once more. */
void rings_arm(struct rings *rings);

/* Is there anything to take from an output ring whose outlet takes it? */
bool rings_hold(struct rings *rings, enum rings_index index);

/* Is there room for input? */
bool rings_want(struct rings *rings);

#endif
