/* SPDX-License-Identifier: MIT */
/* One request and its answer, which is waited for. */
#ifndef ATMAN_XENBUS_REQUEST_H
#define ATMAN_XENBUS_REQUEST_H

#include "base/string.h"
#include "xenbus/wire.h"

/*
 * Sends a request of that type (XS_*) with those contents. The answer's length, of which as
 * much as there is room for is in reply, and a NUL behind it if there is room; or an error.
 * As store.h says.
 */
long request(uint32_t type, uint32_t transaction, struct wire_part first,
             struct wire_part second, char *reply, size_t room);

/* Begins a transaction: its number, 0 if what was answered is none; or an error. */
long request_begin(uint32_t *transaction);

static inline struct wire_part request_text(const char *string) {
    return (struct wire_part){string, strlen(string) + 1};
}

#endif
