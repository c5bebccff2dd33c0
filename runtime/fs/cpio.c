/* SPDX-License-Identifier: MIT */
/*
 * cpio: each entry is a header of numbers as text, the name with its NUL, the data; newc
 * and crc, in hexadecimal, pad name and data to four bytes. The name may have more than one
 * NUL: so data are put where a page begins (driver/pack.c).
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/archive_format.h"

#define TRAILER "TRAILER!!!"

enum { NEWC_HEADER = 110, ODC_HEADER = 76, MOST_MODE = 0177777 };

bool archive_is_cpio(const struct archive *archive) {
    const uint8_t *magic = archive->header;

    return !memcmp(magic, "070701", 6) || !memcmp(magic, "070702", 6) ||
           !memcmp(magic, "070707", 6);
}

/* Reads fixed numbers one behind the other; bad once one was none. */
struct fields {
    const uint8_t *at;
    bool bad;
};

static uint64_t next(struct fields *fields, unsigned digits, unsigned base) {
    uint64_t n = 0;

    for (; digits; digits--) {
        unsigned c = *fields->at++, lower = c | 0x20;
        unsigned digit = c - '0' < 10 ? c - '0' : lower - 'a' < 6 ? lower - 'a' + 10 : 16;
        if (digit >= base)
            fields->bad = true;
        n = n * base + digit;
    }
    return n;
}

struct cpio {
    struct archive_entry entry;
    uint64_t name_size, data_size;
    uint32_t sum;
    unsigned unit; /* of padding */
};

static bool read_newc(const uint8_t *header, struct cpio *cpio) {
    struct fields fields = {header + ARCHIVE_MAGIC, false};
    uint64_t n[13];

    for (unsigned i = 0; i < ARRAY_SIZE(n); i++)
        n[i] = next(&fields, 8, 16);
    cpio->entry = (struct archive_entry){
        .inode = n[0],
        .mode = (unsigned)n[1],
        .uid = (unsigned)n[2],
        .gid = (unsigned)n[3],
        .links = (unsigned)n[4],
        .mtime = (int64_t)n[5],
        .inode_device = n[7] << 32 | n[8],
        .major = (unsigned)n[9],
        .minor = (unsigned)n[10],
    };
    cpio->data_size = n[6];
    cpio->name_size = n[11];
    cpio->sum = (uint32_t)n[12];
    cpio->unit = 4;
    return !fields.bad;
}

static bool read_odc(const uint8_t *header, struct cpio *cpio) {
    struct fields fields = {header + ARCHIVE_MAGIC, false};
    static const uint8_t digits[] = {6, 6, 6, 6, 6, 6, 6, 11, 6, 11};
    uint64_t n[ARRAY_SIZE(digits)];

    for (unsigned i = 0; i < ARRAY_SIZE(n); i++)
        n[i] = next(&fields, digits[i], 8);
    cpio->entry = (struct archive_entry){
        .inode_device = n[0],
        .inode = n[1],
        .mode = (unsigned)n[2],
        .uid = (unsigned)n[3],
        .gid = (unsigned)n[4],
        .links = (unsigned)n[5],
        .major = (unsigned)n[6] >> 8,
        .minor = n[6] & 0xff,
        .mtime = (int64_t)n[7],
    };
    cpio->name_size = n[8];
    cpio->data_size = n[9];
    cpio->unit = 1;
    return !fields.bad;
}

static int read_header(struct archive *archive, struct cpio *cpio) {
    uint8_t *header = archive->header;
    bool odc = header[5] == '7';
    size_t size = odc ? ODC_HEADER : NEWC_HEADER;
    int error = archive_take(archive, header + ARCHIVE_MAGIC, size - ARCHIVE_MAGIC);

    if (error)
        return error;
    if (!(odc ? read_odc(header, cpio) : read_newc(header, cpio)))
        return archive_fail(archive, "a number in its header is none");
    if (!cpio->name_size)
        return archive_fail(archive, "an empty name");
    if ((error = archive_take_text(archive, archive->name, cpio->name_size)))
        return error;
    if (strlen(archive->name) == cpio->name_size)
        return archive_fail(archive, "its name does not end");
    return archive_align(archive, cpio->unit);
}

static int read_target(struct archive *archive, struct cpio *cpio) {
    uint64_t size = cpio->data_size;

    if (size >= ARCHIVE_NAME)
        return archive_fail(archive, "a link to a name of more than 4095 bytes");
    int error = archive_take_text(archive, archive->target, size);
    if (error)
        return error;
    if (strlen(archive->target) != size)
        return archive_fail(archive, "a zero byte in a link");
    cpio->data_size = 0;
    return 0;
}

static bool is_known(unsigned mode) {
    return mode <= MOST_MODE &&
           (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) ||
            S_ISBLK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode));
}

static int read_entry(struct archive *archive, struct cpio *cpio) {
    unsigned mode = cpio->entry.mode;
    int error;

    if (!is_known(mode))
        return archive_fail(archive, "an unknown type of file");
    archive->sum = 0;
    archive->wanted_sum = cpio->sum;
    archive->sums = archive->header[5] == '2' && S_ISREG(mode) && cpio->data_size;
    if (S_ISLNK(mode) && (error = read_target(archive, cpio)))
        return error;
    error = archive_deliver(archive, &cpio->entry, cpio->data_size);
    return error ? error : archive_align(archive, cpio->unit);
}

int archive_read_cpio(struct archive *archive) {
    struct cpio cpio;
    int error;

    for (;;) {
        if ((error = read_header(archive, &cpio)))
            return error;
        if (!strcmp(archive->name, TRAILER))
            return 0;
        if ((error = read_entry(archive, &cpio)))
            return error;
        archive->number++;
        archive->name[0] = 0;
        if ((error = archive_take(archive, archive->header, ARCHIVE_MAGIC)))
            return error;
        if (!archive_is_cpio(archive))
            return archive_fail(archive, "what should be its header is none");
    }
}
