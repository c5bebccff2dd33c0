/* SPDX-License-Identifier: MIT */
/*
 * GPT: UEFI specification, chapter "GUID Partition Table Disk Layout". MBR: the same, "MBR
 * Partitioned Disk Layout"; logical partitions are a chain of tables in the extended one,
 * each of which names a partition, relative to itself, and the next table, relative to the
 * extended partition.
 */
#include "block/partition.h"

#include "base/string.h"

enum {
    TABLE = 446, /* bytes into the sector; four entries of 16 */
    SLOTS = 4,
    SIGNATURE = 0xaa55,
    TYPE_GPT = 0xee,
    FIRST_LOGICAL = 5,
    LINKS = 128, /* of the chain, at most */
    GPT_SECTOR = 1,
    HEADER_LEAST = 92,
    ENTRY_LEAST = 128,
    ARRAY_MOST = 128 * 1024, /* bytes of entries */
};

struct search {
    struct partition_disk *disk;
    struct partition *found;
    size_t count, most;
    unsigned logical; /* the next one's number */
};

struct slot {
    uint8_t flag, type;
    uint64_t first, count; /* the disk's sectors */
};

/* As the UEFI specification lays it out. */
struct gpt_header {
    char signature[8];
    uint32_t revision, size, crc, reserved;
    uint64_t here, other, first_usable, last_usable;
    char guid[16];
    uint64_t entries;
    uint32_t entry_count, entry_size, entries_crc;
};

_Static_assert(offsetof(struct gpt_header, entries_crc) + 4 == HEADER_LEAST, "UEFI's");

struct gpt_entry {
    uint64_t type[2], guid[2], first, last;
};

static bool read_sector(struct search *s, uint64_t sector) {
    return sector < s->disk->sectors && !s->disk->read(s->disk, sector, s->disk->buffer);
}

/* Of the disk's sectors. What goes beyond the disk's end is cut. */
static void add(struct search *s, unsigned number, uint64_t first, uint64_t count) {
    unsigned scale = s->disk->sector_size / 512;

    if (first >= s->disk->sectors || s->count == s->most)
        return;
    count = MIN(count, s->disk->sectors - first);
    s->found[s->count++] = (struct partition){
        .number = number, .first = first * scale, .count = count * scale};
}

/* --- MBR ---------------------------------------------------------------------------- */

static uint16_t get16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at) {
    return get16(at) | (uint32_t)get16(at + 2) << 16;
}

static bool is_table(const struct search *s) {
    return get16((const uint8_t *)s->disk->buffer + 510) == SIGNATURE;
}

static void get_slots(const struct search *s, struct slot slots[SLOTS]) {
    const uint8_t *at = (const uint8_t *)s->disk->buffer + TABLE;

    for (int i = 0; i < SLOTS; i++, at += 16)
        slots[i] = (struct slot){
            .flag = at[0], .type = at[4], .first = get32(at + 8), .count = get32(at + 12)};
}

static bool is_extended(const struct slot *slot) {
    return slot->count && (slot->type == 0x05 || slot->type == 0x0f || slot->type == 0x85);
}

/* The partitions of one table of the chain, at sector at; the rest of its slots may hold
 * anything, and is taken for one only if it lies within the extended partition. */
static void add_logical(struct search *s, const struct slot slots[SLOTS], uint64_t at,
                        const struct slot *extended) {
    for (int i = 0; i < SLOTS; i++) {
        uint64_t first = at + slots[i].first, end = first + slots[i].count;
        if (!slots[i].count || is_extended(&slots[i]))
            continue;
        if (i >= 2 && end > extended->first + extended->count)
            continue;
        add(s, s->logical++, first, slots[i].count);
    }
}

static void follow_chain(struct search *s, const struct slot *extended) {
    uint64_t at = extended->first;
    struct slot slots[SLOTS];

    for (int links = 0; links < LINKS && s->count < s->most; links++) {
        if (!read_sector(s, at) || !is_table(s))
            return;
        get_slots(s, slots);
        add_logical(s, slots, at, extended);
        int i = 0;
        while (i < SLOTS && !is_extended(&slots[i]))
            i++;
        if (i == SLOTS || slots[i].first >= extended->count)
            return;
        at = extended->first + slots[i].first;
    }
}

/* Of an extended partition itself as much as a boot loader may be in. */
static void find_mbr(struct search *s, const struct slot slots[SLOTS]) {
    uint64_t boot = s->disk->sector_size > 512 ? 1 : 2;

    for (int i = 0; i < SLOTS; i++)
        if (slots[i].flag & 0x7f || slots[i].type == TYPE_GPT)
            return; /* a boot sector without a table; a GPT that is broken */
    s->logical = FIRST_LOGICAL;
    for (int i = 0; i < SLOTS; i++) {
        bool extended = is_extended(&slots[i]);
        if (slots[i].count)
            add(s, (unsigned)i + 1, slots[i].first,
                extended ? MIN(slots[i].count, boot) : slots[i].count);
        if (extended)
            follow_chain(s, &slots[i]);
    }
}

/* --- GPT ---------------------------------------------------------------------------- */

/* CRC-32 as in Ethernet; goes on from what the bytes before came to, 0 at first. */
static uint32_t add_crc(uint32_t crc, const void *data, size_t size) {
    const uint8_t *bytes = data;

    for (crc = ~crc; size; size--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static bool has_good_crc(struct search *s, uint32_t size, uint32_t crc) {
    struct gpt_header *header = s->disk->buffer;

    if (size < HEADER_LEAST || size > s->disk->sector_size)
        return false;
    header->crc = 0;
    return add_crc(0, header, size) == crc;
}

/* The header at that sector, if it is one in all respects. */
static bool get_header(struct search *s, uint64_t at, struct gpt_header *header) {
    uint64_t end = s->disk->sectors, size, length;

    if (!read_sector(s, at))
        return false;
    memcpy(header, s->disk->buffer, sizeof *header);
    if (memcmp(header->signature, "EFI PART", 8) || header->here != at ||
        !has_good_crc(s, header->size, header->crc))
        return false;
    size = header->entry_size;
    if (size < ENTRY_LEAST || size > s->disk->sector_size || (size & (size - 1)))
        return false;
    length = header->entry_count * size;
    if (length > ARRAY_MOST || header->entries >= end ||
        length > (end - header->entries) * s->disk->sector_size)
        return false;
    return header->first_usable <= header->last_usable && header->last_usable < end;
}

static void add_entry(struct search *s, unsigned number, const char *at) {
    struct gpt_entry entry;

    memcpy(&entry, at, sizeof entry);
    if ((entry.type[0] || entry.type[1]) && entry.first <= entry.last &&
        entry.last < s->disk->sectors)
        add(s, number, entry.first, entry.last - entry.first + 1);
}

/* What the entries say counts only if they are all as they were written. */
static bool add_entries(struct search *s, const struct gpt_header *header) {
    size_t size = header->entry_size, left = header->entry_count * size;
    uint64_t sector = header->entries;
    unsigned number = 1;
    uint32_t crc = 0;

    while (left) {
        size_t part = MIN(left, s->disk->sector_size);
        if (!read_sector(s, sector++))
            return false;
        crc = add_crc(crc, s->disk->buffer, part);
        for (size_t at = 0; at < part; at += size)
            add_entry(s, number++, (const char *)s->disk->buffer + at);
        left -= part;
    }
    return crc == header->entries_crc;
}

static bool find_gpt_at(struct search *s, uint64_t at) {
    struct gpt_header header;

    if (get_header(s, at, &header) && add_entries(s, &header))
        return true;
    s->count = 0;
    return false;
}

/* The backup is in the last sector, or was when the disk was smaller. */
static bool find_gpt(struct search *s) {
    struct gpt_header primary;

    if (find_gpt_at(s, GPT_SECTOR) || find_gpt_at(s, s->disk->sectors - 1))
        return true;
    return get_header(s, GPT_SECTOR, &primary) && find_gpt_at(s, primary.other);
}

static bool is_protective(const struct slot slots[SLOTS]) {
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].type == TYPE_GPT && slots[i].first == GPT_SECTOR)
            return true;
    return false;
}

long partition_find(struct partition_disk *disk, struct partition *found, size_t most) {
    struct search search = {.disk = disk, .found = found, .most = most};
    struct slot slots[SLOTS];

    if (!disk->sectors)
        return 0;
    long error = disk->read(disk, 0, disk->buffer);
    if (error)
        return error;
    if (!is_table(&search))
        return 0;
    get_slots(&search, slots);
    if (!is_protective(slots) || !find_gpt(&search))
        find_mbr(&search, slots);
    return (long)search.count;
}
