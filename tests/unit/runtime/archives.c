/* SPDX-License-Identifier: MIT */
#include "archives.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/archive.h"
#include "require.h"

struct pieces {
    struct archive_source source;
    const uint8_t *next, *end;
    size_t piece;
    uint8_t *buffer; /* just as large as what is in it, so that ASan sees reads beyond */
};

static int refill(struct archive_source *source) {
    struct pieces *pieces = (struct pieces *)source;
    size_t left = (size_t)(pieces->end - pieces->next);
    size_t n = left < pieces->piece ? left : pieces->piece;

    free(pieces->buffer);
    pieces->buffer = malloc(n ? n : 1);
    memcpy(pieces->buffer, pieces->next, n);
    pieces->next += n;
    source->at = pieces->buffer;
    source->size = n;
    return 0;
}

struct sink {
    FILE *out;
    bool times;
};

static char letter(const struct archive_entry *entry) {
    switch (entry->mode & S_IFMT) {
    case S_IFREG:
        return '-';
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFCHR:
        return 'c';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    case S_IFSOCK:
        return 's';
    }
    REQUIRE(entry->hard_link);
    return 'h';
}

/* The names are what archive.h promises. */
static void check_name(const char *name, size_t size) {
    REQUIRE(size > 0 && strlen(name) == size && size < ARCHIVE_NAME);
    REQUIRE(name[0] != '/' && name[size - 1] != '/' && !strstr(name, "//"));
    if (!strcmp(name, "."))
        return;
    while (*name) {
        size_t n = strcspn(name, "/");
        REQUIRE(n > 0 && n <= ARCHIVE_COMPONENT);
        REQUIRE(!(n == 1 && name[0] == '.') && !(n == 2 && !memcmp(name, "..", 2)));
        name += n + (name[n] == '/');
    }
}

/* Reads the data in steps of odd sizes; their sum. */
static int sum_data(struct archive *archive, const struct archive_entry *entry,
                    unsigned *sum) {
    const uint8_t *data = entry->data;
    uint8_t buffer[97];

    *sum = 0;
    for (uint64_t left = entry->size; left;) {
        size_t n = left < sizeof buffer ? (size_t)left : sizeof buffer;
        if (!data) {
            int error = archive_read(archive, buffer, n);
            if (error)
                return error;
        }
        for (size_t i = 0; i < n; i++)
            *sum = *sum * 31 + (data ? *data++ : buffer[i]);
        left -= n;
    }
    return 0;
}

static int take(struct archive *archive, const struct archive_entry *entry) {
    struct sink *sink = archive->context;
    unsigned sum;
    int error = sum_data(archive, entry, &sum);

    if (error)
        return error;
    check_name(entry->name, entry->name_size);
    fprintf(sink->out, "%c%04o %u:%u %llu", letter(entry), entry->mode & 07777, entry->uid,
            entry->gid, (unsigned long long)entry->size);
    if (entry->size)
        fprintf(sink->out, "(%08x)", sum);
    if (S_ISCHR(entry->mode) || S_ISBLK(entry->mode))
        fprintf(sink->out, " %u,%u", entry->major, entry->minor);
    if (sink->times)
        fprintf(sink->out, " %lld.%09u", (long long)entry->mtime, entry->mtime_ns);
    fprintf(sink->out, " %s", entry->name);
    if (entry->target) {
        REQUIRE(strlen(entry->target) == entry->target_size && entry->target_size);
        if (entry->hard_link)
            check_name(entry->target, entry->target_size);
        fprintf(sink->out, " -> %s", entry->target);
    }
    if (entry->links > 1 && !S_ISDIR(entry->mode))
        fprintf(sink->out, " (%u links)", entry->links);
    fprintf(sink->out, "\n");
    return 0;
}

struct listing list_by(reader *read, const void *data, size_t size, bool times) {
    struct listing listing = {0};
    char *name = malloc(ARCHIVE_NAME), *target = malloc(ARCHIVE_NAME);
    struct sink sink = {.times = times};
    struct archive archive = {
        .sink = take, .context = &sink, .name = name, .target = target};
    size_t length;

    sink.out = open_memstream(&listing.text, &length);
    listing.error = read(&archive, data, size);
    fclose(sink.out);
    listing.reason = archive.reason;
    listing.number = archive.number;
    snprintf(listing.name, sizeof listing.name, "%s", name);
    REQUIRE(!listing.error == !listing.reason);
    free(name);
    free(target);
    return listing;
}

static size_t piece_size;

static int read_plain(struct archive *archive, const void *data, size_t size) {
    struct pieces pieces = {.source = {.at = data, .size = size}};

    if (piece_size)
        pieces = (struct pieces){.source.refill = refill,
                                 .next = data,
                                 .end = (const uint8_t *)data + size,
                                 .piece = piece_size};
    archive->source = &pieces.source;
    int error = archive_unpack(archive);
    free(pieces.buffer);
    return error;
}

struct listing list_archive(const void *data, size_t size, size_t piece, bool times) {
    piece_size = piece;
    return list_by(read_plain, data, size, times);
}
