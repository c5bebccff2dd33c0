/* SPDX-License-Identifier: MIT */
/*
 * Our stdin, read piece by piece. It is read only while somebody wants it: a program that
 * never reads leaves its input to whoever comes next.
 */
#ifndef ATMAN_RUN_INPUT_H
#define ATMAN_RUN_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#define INPUT_ROOM (32 * 1024)

struct input {
    bool wanted;  /* the guest reads */
    bool ended;   /* the end was met; what is left in bytes[] is the last of it */
    bool keys;    /* they are a raw terminal's keys: */
    bool escaped; /* HOSTTERM_ESCAPE was among them */
    size_t begin, end;
    char bytes[INPUT_ROOM]; /* read and not taken yet: [begin, end) */
};

/* Is stdin to be polled for POLLIN? If it is wanted and all that was read is taken. */
bool input_hungry(const struct input *input);

/* Reads what is there; call it when stdin polls readable. An error counts as the end. */
void input_read(struct input *input);

/* Takes length bytes off the front. */
void input_taken(struct input *input, size_t length);

#endif
