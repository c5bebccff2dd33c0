/* SPDX-License-Identifier: MIT */
/*
 * Names and defaults are those of xen/include/public/io/blkif.h. Sectors are 512 bytes, as
 * they are for a frontend that does not say feature-large-sector-size; Linux's backend
 * counts so in any case.
 */
#include "block/published.h"

#include <errno.h>

#include "xen/interface.h"

#include <xen/io/blkif.h>

enum { DIGITS = 20, ORDER_MOST = 4, PHYSICAL_MOST = 65536 };

_Static_assert(1 << ORDER_MOST == BLOCK_RING_PAGES, "");

/* Decimal, nothing else, at most most; else the value for what is not there. */
static uint64_t get(struct block_reader *reader, const char *name, uint64_t most,
                    uint64_t otherwise) {
    char text[DIGITS];
    long size = reader->read(reader, name, text, sizeof text);
    uint64_t number = 0;

    if (size <= 0 || size > (long)sizeof text)
        return otherwise;
    for (long i = 0; i < size; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return otherwise;
    }
    return number <= most ? number : otherwise;
}

static bool get_bool(struct block_reader *reader, const char *name) {
    return get(reader, name, 1, 0);
}

static bool is_power(uint64_t n) {
    return n && !(n & (n - 1));
}

unsigned block_published_pages(struct block_reader *reader, unsigned most) {
    uint64_t by_order =
        1ul << MIN(get(reader, "max-ring-page-order", UINT32_MAX, 0), (uint64_t)ORDER_MOST);
    uint64_t by_count = get(reader, "max-ring-pages", UINT32_MAX, 1);
    uint64_t offered = by_order > by_count ? by_order : by_count;
    unsigned pages = 1;

    while (2 * pages <= MIN(offered, (uint64_t)MIN(most, (unsigned)BLOCK_RING_PAGES)))
        pages *= 2;
    return pages;
}

static void get_discard(struct block_reader *reader, struct block_published *to) {
    to->offer.discard = get_bool(reader, "feature-discard");
    if (!to->offer.discard)
        return;
    to->discard_unit =
        (uint32_t)get(reader, "discard-granularity", UINT32_MAX, to->sector_size);
    to->discard_start = (uint32_t)get(reader, "discard-alignment", UINT32_MAX, 0);
    if (!to->discard_unit || to->discard_unit % to->sector_size ||
        to->discard_start % to->sector_size) {
        to->discard_unit = to->sector_size;
        to->discard_start = 0;
    }
}

long block_published_read(struct block_reader *reader, struct block_published *to) {
    const uint64_t none = UINT64_MAX;
    uint64_t sectors = get(reader, "sectors", INT64_MAX / BLOCK_SECTOR, none);
    uint64_t size = get(reader, "sector-size", PAGE_SIZE, none);

    /* Not even a default: it is always there. */
    if (sectors == none || !is_power(size) || size < BLOCK_SECTOR)
        return -EINVAL;
    uint64_t physical = get(reader, "physical-sector-size", PHYSICAL_MOST, size);
    uint64_t info = get(reader, "info", UINT32_MAX, 0);
    *to = (struct block_published){
        .sectors = ROUND_DOWN(sectors, size / BLOCK_SECTOR),
        .sector_size = (unsigned)size,
        .physical = (unsigned)(is_power(physical) && physical >= size ? physical : size),
        .is_read_only = info & VDISK_READONLY,
        .is_removable = info & VDISK_REMOVABLE,
        .is_cdrom = info & VDISK_CDROM,
        .offer = {.flush = get_bool(reader, "feature-flush-cache"),
                  .barrier = get_bool(reader, "feature-barrier"),
                  .segments = (uint32_t)get(reader, "feature-max-indirect-segments",
                                            UINT32_MAX, 0)},
    };
    get_discard(reader, to);
    return 0;
}
