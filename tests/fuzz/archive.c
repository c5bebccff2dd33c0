/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for archives: what it is given is read in place and in pieces, which
 * must come to the same. By hand, for longer:
 *     build/tests/fuzz/fuzz_archive -max_total_time=600 FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archives.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A header of tar that has changed would be refused for its checksum, and nothing behind
 * that be tried. */
static void set_sums(uint8_t *data, size_t size) {
    for (; size >= 512; data += 512, size -= 512) {
        unsigned sum = 0;
        char text[8];

        if (memcmp(data + 257, "ustar", 5) != 0)
            continue;
        memset(data + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
            sum += data[i];
        snprintf(text, sizeof text, "%06o", sum);
        memcpy(data + 148, text, 7);
    }
}

static void compare(const uint8_t *data, size_t size) {
    struct listing whole = list_archive(data, size, 0, true);
    struct listing pieces = list_archive(data, size, size ? 1 + data[size - 1] : 1, true);
    size_t length = strlen(whole.text);

    REQUIRE(!whole.error == !pieces.error && whole.number == pieces.number);
    REQUIRE(!strcmp(whole.name, pieces.name));
    /* In pieces an entry is there before its data are; the sink has to read them. */
    REQUIRE(!strncmp(whole.text, pieces.text, length));
    if (!whole.error)
        REQUIRE(!strcmp(whole.text, pieces.text));
    free(whole.text);
    free(pieces.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size + 1);

    compare(data, size);
    memcpy(copy, data, size);
    set_sums(copy, size);
    compare(copy, size);
    free(copy);
    return 0;
}
