/* SPDX-License-Identifier: MIT */
/*
 * What the formats have in common: the bytes, in pieces or not; names that stay within the
 * root; handing entries over. Invariant: `left` is what of the entry's data is still ahead,
 * so however much of them the sink has read, the next header is found.
 */
#include "fs/archive.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/archive_format.h"

int archive_fail(struct archive *archive, const char *reason) {
    archive->reason = reason;
    return -EINVAL;
}

/* There is a byte at the source's `at`, or this is its end. */
static int look(struct archive *archive) {
    struct archive_source *source = archive->source;

    if (source->size || !source->refill)
        return 0;
    int error = source->refill(source);
    if (error)
        archive->reason = source->reason;
    return error;
}

static void add_sum(struct archive *archive, const uint8_t *bytes, size_t n) {
    for (size_t i = 0; archive->sums && i < n; i++)
        archive->sum += bytes[i];
}

int archive_take(struct archive *archive, void *buffer, uint64_t size) {
    struct archive_source *source = archive->source;
    uint8_t *to = buffer;

    archive->offset += size;
    while (size) {
        int error = look(archive);
        if (error)
            return error;
        if (!source->size)
            return archive_fail(archive, "the archive ends in the midst of it");
        size_t n = MIN(size, source->size);
        add_sum(archive, source->at, n);
        if (to) {
            memcpy(to, source->at, n);
            to += n;
        }
        source->at += n;
        source->size -= n;
        size -= n;
    }
    return 0;
}

int archive_align(struct archive *archive, unsigned unit) {
    return archive_take(archive, NULL, -archive->offset & (unit - 1));
}

static bool is_zero(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

int archive_take_text(struct archive *archive, char *text, uint64_t size) {
    uint64_t rest = size > ARCHIVE_NAME ? size - ARCHIVE_NAME : 0;
    size_t n = size - rest;
    int error = archive_take(archive, text, n);

    if (error) {
        text[0] = 0;
        return error;
    }
    if (n == ARCHIVE_NAME && text[n - 1]) {
        text[n - 1] = 0;
        return archive_fail(archive, "a name of more than 4095 bytes");
    }
    text[n < ARCHIVE_NAME ? n : n - 1] = 0;
    size_t length = strlen(text);
    if (!is_zero((uint8_t *)text + length, n - length))
        return archive_fail(archive, "a zero byte in a name");
    while (rest) {
        uint8_t padding[64];
        n = MIN(rest, sizeof padding);
        if ((error = archive_take(archive, padding, n)))
            return error;
        if (!is_zero(padding, n))
            return archive_fail(archive, "a name of more than 4095 bytes");
        rest -= n;
    }
    return 0;
}

int archive_read(struct archive *archive, void *buffer, size_t size) {
    if (size > archive->left)
        return archive_fail(archive, "more was read than it has");
    archive->left -= size;
    return archive_take(archive, buffer, size);
}

/* What is wrong with a name, or NULL. */
static const char *judge(const char *name) {
    if (!*name)
        return "an empty name";
    if (*name == '/')
        return "an absolute name";
    for (size_t n; *name; name += n + (name[n] == '/')) {
        for (n = 0; name[n] && name[n] != '/'; n++)
            ;
        if (n == 2 && name[0] == '.' && name[1] == '.')
            return "a name with .. in it";
        if (n > ARCHIVE_COMPONENT)
            return "a part of its name has more than 255 bytes";
    }
    return NULL;
}

/* Leaves out "." and superfluous slashes; the new length. */
static size_t tidy(char *name) {
    char *to = name;

    for (const char *from = name; *from;) {
        size_t n = 0;
        while (from[n] && from[n] != '/')
            n++;
        if (n && !(n == 1 && *from == '.')) {
            if (to > name)
                *to++ = '/';
            memmove(to, from, n);
            to += n;
        }
        from += n + (from[n] == '/');
    }
    if (to == name)
        *to++ = '.';
    *to = 0;
    return (size_t)(to - name);
}

static int set_names(struct archive *archive, struct archive_entry *entry) {
    const char *wrong = judge(archive->name);

    if (wrong)
        return archive_fail(archive, wrong);
    entry->name = archive->name;
    entry->name_size = tidy(archive->name);
    if (!S_ISDIR(entry->mode) && !strcmp(entry->name, "."))
        return archive_fail(archive, "the root must be a folder");
    if (!entry->hard_link && !S_ISLNK(entry->mode))
        return 0;
    entry->target = archive->target;
    entry->target_size = strlen(archive->target);
    if (!entry->target_size)
        return archive_fail(archive, "a link to nothing");
    if (!entry->hard_link)
        return 0;
    if (judge(archive->target))
        return archive_fail(archive, "a hard link to a name that is absolute, too long, "
                                     "or has .. in it");
    entry->target_size = tidy(archive->target);
    return 0;
}

/* The data are in memory: all of them, and with the right sum? */
static int check_data(struct archive *archive, uint64_t size) {
    const struct archive_source *source = archive->source;

    if (source->size < size)
        return archive_fail(archive, "the archive ends in the midst of it");
    add_sum(archive, source->at, size);
    bool good = !archive->sums || archive->sum == archive->wanted_sum;
    archive->sums = false;
    return good ? 0 : archive_fail(archive, "its data do not have its checksum");
}

int archive_deliver(struct archive *archive, struct archive_entry *entry, uint64_t size) {
    int error = set_names(archive, entry);

    if (error)
        return error;
    if (!archive->source->refill) {
        if ((error = check_data(archive, size)))
            return error;
        entry->data = archive->source->at;
    }
    archive->left = size;
    entry->size = S_ISREG(entry->mode) ? size : 0;
    entry->part = archive->part;
    if (!entry->links)
        entry->links = 1;
    if ((error = archive->sink(archive, entry)))
        return error;
    if ((error = archive_take(archive, NULL, archive->left)))
        return error;
    if (archive->sums && archive->sum != archive->wanted_sum)
        return archive_fail(archive, "its data do not have its checksum");
    archive->sums = false;
    return 0;
}

int archive_skip_zeros(struct archive *archive) {
    struct archive_source *source = archive->source;
    int error;

    while (!(error = look(archive)) && source->size && !*source->at) {
        source->at++;
        source->size--;
    }
    return error;
}

int archive_unpack_one(struct archive *archive) {
    archive->name[0] = archive->target[0] = 0;
    archive->part++;
    archive->offset = 0;
    archive->number++;
    int error = archive_take(archive, archive->header, ARCHIVE_MAGIC);
    if (!error)
        error = archive_is_cpio(archive) ? archive_read_cpio(archive)
                                         : archive_read_tar(archive);
    if (error)
        return error;
    archive->number--; /* the end is no entry */
    archive->name[0] = 0;
    return 0;
}

int archive_unpack(struct archive *archive) {
    int error;

    archive->name[0] = archive->target[0] = 0;
    while (!(error = archive_skip_zeros(archive)) && archive->source->size &&
           !(error = archive_unpack_one(archive)))
        ;
    return error;
}
