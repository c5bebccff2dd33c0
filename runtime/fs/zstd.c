/* SPDX-License-Identifier: MIT */
/*
 * zstd: frames one behind the other (RFC 8878). The decoder keeps as much of what it has
 * decoded as the frame's header says, the window; its memory is one piece, made for the
 * first frame's.
 */
#include "fs/decoder.h"

/* Behind ours, of whose names the C library's headers, which it wants, define some. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

/* In the decoder's memory, behind the output; the rest of it is the decoder's. */
struct zstd {
    ZSTD_DStream *stream;
};

enum { HEAD = 64 /* sizeof(struct zstd), and its alignment */ };

static uint32_t magic(const uint8_t *in, const uint8_t *end) {
    return end - in < 4 ? 0
                        : in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
                              (uint32_t)in[3] << 24;
}

/* Frames to be skipped count: pzstd and others put them first. */
static bool knows(const uint8_t *in, const uint8_t *end) {
    uint32_t m = magic(in, end);

    return m == ZSTD_MAGICNUMBER ||
           (m & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static size_t need(const uint8_t *in, const uint8_t *end, const char **reason) {
    ZSTD_FrameHeader header;
    size_t result = ZSTD_getFrameHeader(&header, in, (size_t)(end - in));

    if (result) {
        *reason = ZSTD_isError(result) ? DECODER_BROKEN : DECODER_SHORT;
        return 0;
    }
    if (header.frameType == ZSTD_skippableFrame)
        header.windowSize = UNPACK_WINDOW;
    if (header.windowSize > UNPACK_WINDOW) {
        *reason =
            "its window is larger than 8 MiB; zstd with --long=23 or less, or a level "
            "below 20";
        return 0;
    }
    return HEAD + ZSTD_estimateDStreamSize((size_t)header.windowSize);
}

static const char *explain(size_t result) {
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_checksum_wrong:
        return DECODER_SUM;
    case ZSTD_error_memory_allocation:
    case ZSTD_error_frameParameter_windowTooLarge:
        return "its window is larger than 8 MiB, or than the first frame's";
    default:
        return DECODER_BROKEN;
    }
}

static int begin(struct decoder *decoder) {
    struct zstd *zstd = decoder_own(decoder);

    if (!zstd->stream)
        zstd->stream = ZSTD_initStaticDStream((uint8_t *)zstd + HEAD,
                                              decoder->memory_size - UNPACK_OUTPUT - HEAD);
    if (!zstd->stream)
        return decoder_fail(decoder, DECODER_BROKEN);
    decoder->inside = true;
    return 0;
}

static int work(struct decoder *decoder) {
    struct zstd *zstd = decoder_own(decoder);
    ZSTD_inBuffer in = {decoder->in, (size_t)(decoder->in_end - decoder->in), 0};
    ZSTD_outBuffer out = {decoder->memory, UNPACK_OUTPUT, 0};
    size_t result = ZSTD_decompressStream(zstd->stream, &out, &in);

    decoder->source.at = decoder->memory;
    decoder->source.size = out.pos;
    decoder->in += in.pos;
    if (ZSTD_isError(result))
        return decoder_fail(decoder, explain(result));
    decoder->inside = result != 0;
    if (decoder->inside && !in.pos && !out.pos)
        return decoder_fail(decoder, DECODER_SHORT);
    return 0;
}

const struct decoder_ops decoder_zstd = {knows, need, begin, work};
