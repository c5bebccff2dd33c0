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
