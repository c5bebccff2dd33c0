/* SPDX-License-Identifier: MIT */
/*
 * Our stdin: see input.h.
 */
#include "input.h"

#include "hostterm.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool input_hungry(const struct input *input) {
    return input->wanted && !input->ended && input->begin == input->end;
}

void input_read(struct input *input) {
    ssize_t n = read(STDIN_FILENO, input->bytes, sizeof input->bytes);

    input->begin = 0;
    input->end = n > 0 ? (size_t)n : 0;
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        input->ended = true;
    if (input->keys && memchr(input->bytes, HOSTTERM_ESCAPE, input->end))
        input->escaped = true;
}

void input_taken(struct input *input, size_t length) {
    input->begin += length;
}
