/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for xenbus/frontend.c: the input is what the other end and the
 * toolstack write to a device's nodes, a byte for the node and one for the value; now and
 * then an action of the device fails, or the domain is resumed. Another device must
 * connect all the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frontends.h"
#include "require.h"

#define OWN "device/test/1"
#define OTHER "/local/domain/0/backend/test/5/1"
#define SECOND "/local/domain/0/backend/test/5/2"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = {OTHER "/state",
                                    OTHER "/online",
                                    OTHER,
                                    OWN "/state",
                                    OWN "/backend",
                                    OWN "/backend-id",
                                    OWN,
                                    SECOND "/state",
                                    "device/test",
                                    "device/test/other",
                                    OTHER "/sectors"};
static const char *const values[] = {
    "0",   "1",  "2",     "3",  "4",    "5", "6", "7",  "8",   "",       "44",
    OTHER, "-1", "32752", NULL, SECOND, "x", "/", "1 ", "2\n", "/local", "99999999999"};

static void plug(const char *own, const char *other) {
    char path[100];

    strcat(strcpy(path, other), "/state");
    frontends_set(path, "2");
    strcat(strcpy(path, own), "/backend-id");
    frontends_set(path, "0");
    strcat(strcpy(path, own), "/backend");
    frontends_set(path, other);
}

static void act(unsigned kind) {
    frontends_make_error = kind & 1 ? -ENOMEM : -EINVAL;
    frontends_make_errors = kind >> 1 & 3;
    frontends_connect_error = kind & 8 ? -EINVAL : 0;
    frontends_look_error = kind & 16 ? -EINVAL : 0;
    if (kind & 32)
        frontend_resume();
    if (kind & 64 && frontends_first())
        frontend_misused(frontends_first());
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const unsigned path_count = sizeof paths / sizeof *paths;
    const unsigned value_count = sizeof values / sizeof *values;

    frontends_reset();
    REQUIRE(!frontend_start(&frontends_class));
    plug(OWN, OTHER);
    for (size_t i = 0; i + 1 < size && i < 400; i += 2) {
        unsigned path = data[i] & 15, value = data[i + 1];
        if (path >= path_count)
            act(value);
        else
            frontends_set(paths[path], values[value % value_count]);
        if (!(data[i] & 16))
            frontends_run();
    }
    frontends_make_errors = 0;
    frontends_connect_error = frontends_look_error = 0;
    frontends_set("device/test", NULL);
    frontends_run();
    REQUIRE(!frontends_first() && !frontends_counts.shared);
    plug("device/test/3", SECOND);
    frontends_run();
    frontends_set(SECOND "/state", "4");
    frontends_run();
    REQUIRE(frontends_counts.connected == 1);
    return 0;
}
