/* SPDX-License-Identifier: MIT */
/* libFuzzer's target for compressed archives: whatever comes, all memory is given back. */
#include "fs/unpack.h"

#include <stdlib.h>

#include "archives.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t taken;

static void *get(size_t size) {
    taken += size;
    return calloc(1, size);
}

static void put(void *memory, size_t size) {
    taken -= size;
    free(memory);
}

static int read_any(struct archive *archive, const void *data, size_t size) {
    return unpack(archive, data, size, &(struct unpack_memory){get, put});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct listing listing = list_by(read_any, data, size, true);

    REQUIRE(taken == 0);
    free(listing.text);
    return 0;
}
