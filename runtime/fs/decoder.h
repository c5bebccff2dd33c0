/* SPDX-License-Identifier: MIT */
/* What unpack.c gives a decoder, gzip.c or zstd.c, and gets from it. */
#ifndef ATMAN_FS_DECODER_H
#define ATMAN_FS_DECODER_H

#include "fs/unpack.h"

struct decoder {
    struct archive_source source; /* what was decoded */
    const struct decoder_ops *ops;
    const uint8_t *in, *in_end; /* what is still to be decoded */
    uint8_t *memory;            /* UNPACK_OUTPUT bytes, and then the decoder's own */
    size_t memory_size;
    bool inside; /* of a frame, or member, of which there may be several */
};

struct decoder_ops {
    /* Does something begin at `in` that it can decode? */
    bool (*knows)(const uint8_t *in, const uint8_t *end);
    /* How much memory of its own it needs; 0: what begins there is bad, *reason says how.
     */
    size_t (*need)(const uint8_t *in, const uint8_t *end, const char **reason);
    /* It is inside of what begins at `in`. */
    int (*begin)(struct decoder *decoder);
    /* Inside: the source is what of it there is room for, nothing only at its end, where
     * it is no longer inside. */
    int (*work)(struct decoder *decoder);
};

/* Its own memory, zeros at first. */
static inline void *decoder_own(struct decoder *decoder) {
    return decoder->memory + UNPACK_OUTPUT;
}

extern const struct decoder_ops decoder_gzip, decoder_zstd;

static inline int decoder_fail(struct decoder *decoder, const char *reason) {
    decoder->source.reason = reason;
    return -22; /* EINVAL */
}

#define DECODER_SHORT "the compressed data end too early"
#define DECODER_BROKEN "the compressed data are broken"
#define DECODER_SUM "the compressed data do not have their checksum"

#endif
