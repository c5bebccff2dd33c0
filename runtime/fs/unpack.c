/* SPDX-License-Identifier: MIT */
/* Goes from part to part: plain archives, and what is compressed. */
#include "fs/unpack.h"

#include <errno.h>

#include "fs/archive_format.h"
#include "fs/decoder.h"

static const struct decoder_ops *find_decoder(const uint8_t *in, const uint8_t *end) {
    return decoder_gzip.knows(in, end)   ? &decoder_gzip
           : decoder_zstd.knows(in, end) ? &decoder_zstd
                                         : NULL;
}

/* A source's: behind the end of a frame another one may begin. */
static int refill(struct archive_source *source) {
    struct decoder *decoder = (struct decoder *)source;
    int error = 0;

    source->size = 0;
    while (!source->size && !error) {
        if (!decoder->inside && !decoder->ops->knows(decoder->in, decoder->in_end))
            return 0;
        if (!decoder->inside)
            error = decoder->ops->begin(decoder);
        if (!error)
            error = decoder->ops->work(decoder);
    }
    return error;
}

/* What was not looked at in the decoder's last output was behind the last archive's end. */
static int decode(struct archive *archive, const struct decoder_ops *ops,
                  struct archive_source *rest, const struct unpack_memory *memory) {
    struct decoder decoder = {.source.refill = refill,
                              .ops = ops,
                              .in = rest->at,
                              .in_end = rest->at + rest->size};
    size_t need = ops->need(decoder.in, decoder.in_end, &archive->reason);

    if (!need)
        return -EINVAL;
    decoder.memory_size = ROUND_UP(UNPACK_OUTPUT + need, PAGE_SIZE);
    decoder.memory = memory->get(decoder.memory_size);
    if (!decoder.memory) {
        archive->reason = "no memory to decompress it";
        return -ENOMEM;
    }
    archive->source = &decoder.source;
    int error = archive_unpack(archive);
    archive->source = rest;
    memory->put(decoder.memory, decoder.memory_size);
    rest->size = (size_t)(decoder.in_end - decoder.in);
    rest->at = decoder.in;
    return error;
}

int unpack(struct archive *archive, const void *data, size_t size,
           const struct unpack_memory *memory) {
    struct archive_source rest = {.at = data, .size = size};
    int error;

    archive->source = &rest;
    archive->name[0] = 0;
    while (!(error = archive_skip_zeros(archive)) && rest.size) {
        const struct decoder_ops *ops = find_decoder(rest.at, rest.at + rest.size);
        error = ops ? decode(archive, ops, &rest, memory) : archive_unpack_one(archive);
        if (error)
            break;
    }
    archive->source = NULL;
    return error;
}
