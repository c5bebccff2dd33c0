/* SPDX-License-Identifier: MIT */
/* The store's requests, one function each. */
#include "xenbus/store.h"

#include <errno.h>

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

long store_list(uint32_t transaction, const char *path, char *names, size_t size) {
    return request(XS_DIRECTORY, transaction, request_text(path), nothing, names, size);
}

long store_remove(uint32_t transaction, const char *path) {
    return just_done(request(XS_RM, transaction, request_text(path), nothing, NULL, 0));
}

/* A number in decimal, and nothing else; 0 if it is not one. */
static uint32_t parse_number(const char *text) {
    uint64_t n = 0;

    do {
        if (*text < '0' || *text > '9')
            return 0;
        n = n * 10 + (uint64_t)(*text - '0');
    } while (n <= UINT32_MAX && *++text);
    return n <= UINT32_MAX ? (uint32_t)n : 0;
}

long store_begin(uint32_t *transaction) {
    char number[12] = "";
    long result =
        request(XS_TRANSACTION_START, 0, request_text(""), nothing, number, sizeof number);

    if (result < 0)
        return result;
    number[sizeof number - 1] = '\0';
    *transaction = parse_number(number);
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
