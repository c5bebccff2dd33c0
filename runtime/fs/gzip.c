/* SPDX-License-Identifier: MIT */
/*
 * gzip: a header, a stream for zlib's inflate, its CRC-32 and length (RFC 1952). Header and
 * sums are done here, so that of zlib only inflate is linked, without its tables for sums.
 */
#include "fs/codecs.h" /* before it */

#include <zlib.h>

#include "base/string.h"
#include "fs/decoder.h"

enum {
    HEADER = 10,
    TRAILER = 8,
    FLAGS = 3,
    FLAG_CRC = 2,
    FLAG_EXTRA = 4,
    FLAG_NAME = 8,
    FLAG_COMMENT = 16,
    FLAGS_KNOWN = 31,
    STATE = 12 << 10, /* inflate's own; checked by the allocator */
    WINDOW = 32 << 10,
};

/* In the decoder's memory, behind the output. */
struct gzip {
    z_stream stream;
    bool ready;
    uint32_t crc, size; /* of the member, so far */
    size_t used;        /* of heap */
    uint8_t heap[STATE + WINDOW] __attribute__((aligned(16)));
};

/* What inflate asks for, it asks once and keeps. */
static voidpf allocate(voidpf opaque, uInt items, uInt size) {
    struct gzip *gzip = opaque;
    size_t need = ROUND_UP((size_t)items * size, 16);

    if (need > sizeof gzip->heap - gzip->used)
        return NULL;
    gzip->used += need;
    return gzip->heap + gzip->used - need;
}

static void release(voidpf opaque, voidpf address) {
    (void)opaque;
    (void)address;
}

/* Four bits a step: the table is 64 bytes. */
static uint32_t add_crc(uint32_t crc, const uint8_t *at, size_t size) {
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };

    crc = ~crc;
    while (size--) {
        crc ^= *at++;
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static bool knows(const uint8_t *in, const uint8_t *end) {
    return end - in >= 3 && in[0] == 0x1f && in[1] == 0x8b && in[2] == 8 /* deflate */;
}

static size_t need(const uint8_t *in, const uint8_t *end, const char **reason) {
    (void)in;
    (void)end;
    (void)reason;
    return sizeof(struct gzip);
}

/* Behind the next zero byte; end, if there is none. */
static const uint8_t *skip_text(const uint8_t *at, const uint8_t *end) {
    while (at < end && *at)
        at++;
    return at < end ? at + 1 : end;
}

/* Passes over a member's header. */
static int read_header(struct decoder *decoder) {
    const uint8_t *at = decoder->in, *end = decoder->in_end;

    if (end - at < HEADER)
        return decoder_fail(decoder, DECODER_SHORT);
    unsigned flags = at[FLAGS];
    if (flags & ~(unsigned)FLAGS_KNOWN)
        return decoder_fail(decoder, DECODER_BROKEN);
    at += HEADER;
    if (flags & FLAG_EXTRA) {
        size_t size = end - at < 2 ? 0 : at[0] + 256u * at[1];
        if ((size_t)(end - at) < 2 + size)
            return decoder_fail(decoder, DECODER_SHORT);
        at += 2 + size;
    }
    if (flags & FLAG_NAME)
        at = skip_text(at, end);
    if (flags & FLAG_COMMENT)
        at = skip_text(at, end);
    at += flags & FLAG_CRC ? MIN(2, end - at) : 0;
    decoder->in = at;
    return 0;
}

/* With Z_SOLO zlib has its own name for this. */
void zmemcpy(Bytef *to, const Bytef *from, uInt size);

void zmemcpy(Bytef *to, const Bytef *from, uInt size) {
    memcpy(to, from, size);
}

/* Of zlib's own format, which is never asked for (fs/codecs.h). */
uLong unpack_adler32(uLong sum, const Bytef *at, uInt size);

uLong unpack_adler32(uLong sum, const Bytef *at, uInt size) {
    (void)at;
    (void)size;
    return sum;
}

static uint32_t get_word(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static int read_trailer(struct decoder *decoder, const struct gzip *gzip) {
    const uint8_t *at = decoder->in;

    if (decoder->in_end - at < TRAILER)
        return decoder_fail(decoder, DECODER_SHORT);
    if (get_word(at) != gzip->crc || get_word(at + 4) != gzip->size)
        return decoder_fail(decoder, DECODER_SUM);
    decoder->in += TRAILER;
    decoder->inside = false;
    return 0;
}

static int begin(struct decoder *decoder) {
    struct gzip *gzip = decoder_own(decoder);
    int error = read_header(decoder);

    if (error)
        return error;
    if (!gzip->ready) {
        gzip->stream.zalloc = allocate;
        gzip->stream.zfree = release;
        gzip->stream.opaque = gzip;
    }
    /* Minus: no header of zlib's own. */
    if ((gzip->ready ? inflateReset(&gzip->stream) : inflateInit2(&gzip->stream, -15)))
        return decoder_fail(decoder, DECODER_BROKEN);
    gzip->ready = decoder->inside = true;
    gzip->crc = gzip->size = 0;
    return 0;
}

/* Decodes what there is room for; 0 with nothing new at the end of a member. */
static int work(struct decoder *decoder) {
    struct gzip *gzip = decoder_own(decoder);
    z_stream *stream = &gzip->stream;
    size_t left = (size_t)(decoder->in_end - decoder->in);

    stream->next_in = (Bytef *)decoder->in;
    stream->avail_in = (uInt)MIN(left, 1u << 30);
    stream->next_out = decoder->memory;
    stream->avail_out = UNPACK_OUTPUT;
    int result = inflate(stream, Z_NO_FLUSH);
    decoder->in = stream->next_in;
    decoder->source.at = decoder->memory;
    decoder->source.size = UNPACK_OUTPUT - stream->avail_out;
    gzip->crc = add_crc(gzip->crc, decoder->memory, decoder->source.size);
    gzip->size += (uint32_t)decoder->source.size;
    if (result == Z_STREAM_END)
        return read_trailer(decoder, gzip);
    if (result == Z_BUF_ERROR || (result == Z_OK && !decoder->source.size))
        return decoder_fail(decoder, DECODER_SHORT);
    return result == Z_OK ? 0 : decoder_fail(decoder, DECODER_BROKEN);
}

const struct decoder_ops decoder_gzip = {knows, need, begin, work};
