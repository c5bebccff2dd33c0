/* SPDX-License-Identifier: MIT */
/* The store's requests, one function each. */
#include "xenbus/store.h"

#include <errno.h>

#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"
#include "xenbus/request.h"

static const struct wire_part nothing;

long store_read(uint32_t transaction, const char *path, char *value, size_t size) {
    return request(XS_READ, transaction, request_text(path), nothing, value, size);
}

/* 0 for the answers that say no more than that it is done. */
static long just_done(long result) {
    return result < 0 ? result : 0;
}

long store_write(uint32_t transaction, const char *path, const void *value, size_t size) {
    struct wire_part contents = {value, size};

    return just_done(request(XS_WRITE, transaction, request_text(path), contents, NULL, 0));
}

/* What one answer holds of the names; its beginning is the same in all of one list. */
struct part {
    const char *names;
    size_t size;
    bool is_last;
};

enum { GENERATION = 24, CHANGES = 50, NAMES_MOST = 1 << 20 };

/* generation NUL name NUL … [NUL], the latter behind the last name of all. False: it makes
 * no sense. */
static bool split(const char *answer, size_t length, struct part *part) {
    size_t head = 0;

    while (head < MIN(length, (size_t)GENERATION) && answer[head])
        head++;
    if (head++ >= MIN(length, (size_t)GENERATION) || head >= length || answer[length - 1])
        return false;
    *part = (struct part){answer + head, length - head, false};
    part->is_last = part->size == 1 || !part->names[part->size - 2];
    part->size -= part->is_last;
    return true;
}

static long get_part(uint32_t transaction, const char *path, size_t done, char *buffer,
                     struct part *part) {
    char offset[24];

    format(offset, sizeof offset, "%lu", done);
    long n = request(XS_DIRECTORY_PART, transaction, request_text(path),
                     request_text(offset), buffer, PAGE_SIZE);
    if (n < 0)
        return n == -ENOSYS ? -E2BIG : n;
    return n <= (long)PAGE_SIZE && split(buffer, (size_t)n, part) ? 0 : -EIO;
}

/* More than fits into one answer. buffer is a page. */
static long list_parts(uint32_t transaction, const char *path, struct store_names *names,
                       char *buffer) {
    char generation[GENERATION] = "";
    struct part part;
    size_t done = 0;

    for (unsigned changes = 0; changes < CHANGES && done < NAMES_MOST;) {
        long error = get_part(transaction, path, done, buffer, &part);
        if (error)
            return error;
        bool is_other = strcmp(generation, buffer);
        changes += is_other;
        memcpy(generation, buffer, strlen(buffer) + 1);
        if (is_other && done) {
            done = 0;
            continue;
        }
        names->take(names, done, part.names, part.size);
        done += part.size;
        if (part.is_last)
            return (long)done;
    }
    return done < NAMES_MOST ? -EAGAIN : -EIO;
}

long store_list(uint32_t transaction, const char *path, struct store_names *names) {
    char *buffer = heap_alloc(PAGE_SIZE);
    long n = -ENOMEM;

    if (buffer)
        n = request(XS_DIRECTORY, transaction, request_text(path), nothing, buffer,
                    PAGE_SIZE);
    if (n >= 0)
        names->take(names, 0, buffer, MIN((size_t)n, PAGE_SIZE));
    else if (n == -E2BIG)
        n = list_parts(transaction, path, names, buffer);
    heap_free(buffer);
    return n;
}

long store_remove(uint32_t transaction, const char *path) {
    return just_done(request(XS_RM, transaction, request_text(path), nothing, NULL, 0));
}

long store_begin(uint32_t *transaction) {
    long result = request_begin(transaction);

    if (result < 0)
        return result;
    return *transaction ? 0 : -EIO;
}

long store_end(uint32_t transaction, bool is_to_be) {
    return just_done(request(XS_TRANSACTION_END, transaction,
                             request_text(is_to_be ? "T" : "F"), nothing, NULL, 0));
}

long store_transact(long (*body)(uint32_t transaction, void *context), void *context) {
    for (;;) {
        uint32_t transaction;
        long error = store_begin(&transaction);
        if (error)
            return error;
        long result = body(transaction, context);
        error = store_end(transaction, result >= 0);
        if (result < 0 && result != -EAGAIN)
            return result;
        if (result >= 0 && !error)
            return result;
        if (error && error != -EAGAIN)
            return error;
    }
}
