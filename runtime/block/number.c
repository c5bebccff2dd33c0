/* SPDX-License-Identifier: MIT */
#include "block/number.h"

#include "base/format.h"
#include "base/string.h"

enum {
    XVD = 202,
    PLACES = 16,
    EXTENDED = 1 << 28,
    PLACES_EXTENDED = 256,
    MINORS = 1 << 20, /* Linux's */
    HD_PLACES = 64,
    LETTERS = 26,
};

/* Majors of hd and sd disks, in their order. */
static const uint8_t hd[] = {3, 22, 33, 34, 56, 57};
static const uint8_t sd[] = {8,   65,  66,  67,  68,  69,  70,  71,
                             128, 129, 130, 131, 132, 133, 134, 135};

static bool parse(const char *text, unsigned *number) {
    uint64_t n = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || n > UINT32_MAX)
            return false;
        n = n * 10 + (uint64_t)(*text - '0');
    }
    *number = (unsigned)n;
    return n < EXTENDED * 2;
}

static bool find(const uint8_t *majors, size_t count, unsigned major, unsigned *index) {
    for (*index = 0; *index < count; ++*index)
        if (majors[*index] == major)
            return true;
    return false;
}

/* Which disk of all by that name, and which partition of it. */
static bool split(unsigned number, unsigned *disk, unsigned *partition) {
    unsigned major = number >> 8, minor = number & 0xff, index, places = PLACES;

    if (major == XVD)
        index = 0;
    else if (find(hd, sizeof hd, major, &index) && minor < 2 * HD_PLACES)
        places = HD_PLACES;
    else if (!find(sd, sizeof sd, major, &index))
        return false;
    *disk = index * (places == HD_PLACES ? 2 : PLACES) + minor / places;
    *partition = minor % places;
    return *partition < PLACES;
}

static void name_disk(char *name, unsigned disk) {
    char letters[8];
    size_t n = 0;

    for (disk++; disk; disk = (disk - 1) / LETTERS)
        letters[n++] = (char)('a' + (disk - 1) % LETTERS);
    memcpy(name, "xvd", 3);
    for (name += 3; n; name++)
        *name = letters[--n];
    *name = '\0';
}

bool block_number(const char *text, struct block_number *to) {
    unsigned number, disk, partition;

    if (!parse(text, &number))
        return false;
    *to = (struct block_number){.major = XVD, .places = PLACES};
    if (number & EXTENDED) {
        to->places = PLACES_EXTENDED;
        to->minor = number & ~(unsigned)EXTENDED;
        disk = to->minor / PLACES_EXTENDED;
        partition = to->minor % PLACES_EXTENDED;
    } else if (split(number, &disk, &partition)) {
        to->minor = disk * PLACES + partition;
    } else {
        return false;
    }
    if (to->minor >= MINORS)
        return false;
    name_disk(to->name, disk);
    if (partition) {
        size_t n = strlen(to->name);
        format(to->name + n, BLOCK_NAME - n, "%u", partition);
        to->is_partition = true;
        to->places = 1;
    }
    return true;
}

void block_number_partition(const struct block_number *disk, unsigned partition,
                            char name[BLOCK_NAME]) {
    format(name, BLOCK_NAME, "%s%u", disk->name, partition);
}

uint64_t block_number_device(unsigned major, unsigned minor) {
    return (uint64_t)(major & 0xfff) << 8 | (minor & 0xff) |
           (uint64_t)(minor & ~0xffu) << 12;
}
