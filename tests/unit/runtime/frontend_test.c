/* SPDX-License-Identifier: MIT */
/*
 * xenbus/frontend.c: devices come, connect, reconnect and go as the store says; one end
 * that does what cannot be costs its own device and no other.
 */
#include <errno.h>

#include "frontends.h"
#include "random.h"
#include "require.h"
#include "test.h"

#define OWN "device/test/1"
#define OTHER "/local/domain/0/backend/test/5/1"

static struct frontends_counts *const counts = &frontends_counts;

static void plug(const char *own, const char *other) {
    char path[200];

    snprintf(path, sizeof path, "%s/state", other);
    frontends_set(path, "2");
    snprintf(path, sizeof path, "%s/online", other);
    frontends_set(path, "1");
    snprintf(path, sizeof path, "%s/state", own);
    frontends_set(path, "1");
    snprintf(path, sizeof path, "%s/backend-id", own);
    frontends_set(path, "0");
    snprintf(path, sizeof path, "%s/backend", own);
    frontends_set(path, other);
}

static void begin(void) {
    frontends_reset();
    REQUIRE(!frontend_start(&frontends_class));
}

static void connect_one(void) {
    begin();
    plug(OWN, OTHER);
    frontends_run();
    frontends_set(OTHER "/state", "4");
    frontends_run();
}

static bool says(const char *state) {
    const char *is = frontends_get(OWN "/state");

    return is && !strcmp(is, state);
}

TEST(connects) {
    begin();
    CHECK(!frontend_is_settled(&frontends_class));
    frontends_run();
    CHECK(frontend_is_settled(&frontends_class));
    plug(OWN, OTHER);
    frontends_set(OWN "/port", "7"); /* of an earlier life */
    frontends_run();
    CHECK(counts->makes == 1 && !counts->connects && says("3"));
    CHECK(!strcmp(frontends_get(OWN "/ring-ref"), "8") && !frontends_get(OWN "/port"));
    CHECK(!frontend_is_settled(&frontends_class));
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->makes == 1 && counts->connects == 1 && says("4"));
    CHECK(frontend_is_settled(&frontends_class));
}

TEST(is_connected_first_if_its_kind_is) {
    begin();
    frontends_ops.is_first = true;
    plug(OWN, OTHER);
    frontends_run();
    CHECK(counts->makes == 1 && !counts->connects && says("4"));
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->makes == 1 && counts->connects == 1 && says("4"));
    frontends_ops.is_first = false;
}

TEST(waits_for_a_backend_that_is_late) {
    begin();
    frontends_set(OWN "/state", "1");
    frontends_run();
    CHECK(counts->adds == 1 && !counts->makes);
    CHECK(!frontend_is_settled(&frontends_class));
    plug(OWN, OTHER);
    frontends_set(OTHER "/state", "1");
    frontends_run();
    CHECK(!counts->makes);
    frontends_set(OTHER "/state", "2");
    frontends_run();
    CHECK(counts->makes == 1 && says("3"));
}

TEST(is_unplugged) {
    connect_one();
    frontends_set(OTHER "/online", "0");
    frontends_set(OTHER "/state", "5");
    frontends_run();
    CHECK(counts->fails == 1 && !counts->shared && says("6"));
    frontends_set(OWN, NULL);
    frontends_run();
    CHECK(counts->removes == 1 && !frontends_first());
    CHECK(!frontends_get(OWN "/state"));
    plug(OWN, OTHER);
    frontends_run();
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->adds == 2 && counts->connected == 1);
}

TEST(comes_back) {
    connect_one();
    frontends_set(OTHER "/state", "5");
    frontends_run();
    CHECK(!counts->shared && !counts->fails && says("6"));
    frontends_set(OTHER "/state", "6");
    frontends_run();
    CHECK(says("1"));
    frontends_set(OTHER "/state", "2");
    frontends_run();
    CHECK(counts->makes == 2 && says("3"));
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->connected == 1 && says("4"));
    frontends_set(OTHER, NULL); /* vanishes as a whole, and is there again */
    frontends_run();
    CHECK(!counts->shared && !counts->fails);
    frontends_set(OTHER "/state", "2");
    frontends_run();
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->makes == 3 && counts->connected == 1 && !counts->fails);
}

TEST(looks_when_told) {
    connect_one();
    unsigned before = counts->looks;
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->looks == before + 1);
    frontends_look_error = -EINVAL;
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->fails == 1 && says("6"));
}

TEST(another_domain_serves_after_a_resume) {
    connect_one();
    frontend_resume();
    frontends_set(OWN "/backend", "/local/domain/3/backend/test/5/1");
    frontends_set(OWN "/backend-id", "3");
    frontends_set("/local/domain/3/backend/test/5/1/state", "2");
    frontends_run();
    CHECK(counts->makes == 2 && says("3") && frontends_first()->other == 3);
    frontends_set("/local/domain/3/backend/test/5/1/state", "4");
    frontends_run();
    CHECK(counts->connected == 1 && !counts->fails);
}

TEST(the_same_one_serves_after_a_resume) {
    connect_one();
    frontend_resume();
    frontends_set(OTHER "/state", "2");
    frontends_run();
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->makes == 2 && counts->connected == 1);
}

TEST(misuse_breaks_one_device) {
    connect_one();
    plug("device/test/2", "/local/domain/0/backend/test/5/2");
    frontends_run();
    frontends_set("/local/domain/0/backend/test/5/2/state", "4");
    frontends_run();
    CHECK(counts->connected == 2);
    frontend_misused(frontends_first());
    frontends_run();
    CHECK(counts->connected == 1 && counts->fails == 1 && says("6"));
    frontends_set(OTHER "/state", "2");
    frontends_run();
    CHECK(counts->makes == 2 && says("6"));
}

TEST(want_of_memory_is_no_misuse) {
    begin();
    frontends_make_error = -ENOMEM;
    frontends_make_errors = 3;
    plug(OWN, OTHER);
    frontends_run();
    CHECK(counts->makes == 4 && says("3") && !counts->fails);
    frontends_set(OTHER "/state", "4");
    frontends_run();
    CHECK(counts->connected == 1);
}

TEST(a_store_that_fails_changes_nothing) {
    connect_one();
    frontends_store_error = -EIO;
    frontends_set(OTHER "/state", "6");
    frontends_set(OWN "/state", "4");
    frontends_run();
    CHECK(counts->connected == 1 && !counts->removes);
}

TEST(what_is_no_device) {
    begin();
    plug("device/test/none", OTHER);
    plug("device/test/a-name-that-is-too-long", OTHER);
    plug(OWN, OTHER);
    frontends_set(OWN "/backend-id", "32752");
    frontends_run();
    CHECK(counts->adds == 1 && !counts->makes);
    frontends_set(OWN "/backend-id", "-1");
    frontends_run();
    frontends_set(OWN "/backend-id", "4294967296");
    frontends_run();
    CHECK(!counts->makes);
    frontends_set(OWN "/backend-id", "32751");
    frontends_run();
    CHECK(counts->makes == 1);
}

/* Whatever nodes say, the kind is called in turn, and a device besides connects. */
TEST(nonsense) {
    static const char *const paths[] = {
        OWN "/backend", OWN "/backend-id", OWN "/state",    OWN,  OTHER "/state",
        OTHER "/state", OTHER "/state",    OTHER "/online", OTHER};
    static const char *const values[] = {NULL, "",  "0", "1", "2", "3",  "4",  "5",
                                         "6",  "7", "8", "9", "x", "4 ", "44", OTHER};

    random_start(random_seed());
    for (int round = 0; round < 300; round++) {
        begin();
        plug(OWN, OTHER);
        for (int step = 0; step < 60; step++) {
            size_t path = random_below(sizeof paths / sizeof *paths);
            size_t value = random_below(sizeof values / sizeof *values);
            bool is_directory = path == 3 || path == 8;
            frontends_make_error = random_one_in(2) ? -ENOMEM : -EINVAL;
            frontends_make_errors = random_one_in(20);
            frontends_connect_error = random_one_in(20) ? -EINVAL : 0;
            if (random_one_in(30))
                frontend_resume();
            if (random_one_in(30) && frontends_first())
                frontend_misused(frontends_first());
            if (!is_directory || random_one_in(4))
                frontends_set(paths[path], is_directory ? NULL : values[value]);
            if (random_one_in(2))
                frontends_run();
        }
        unsigned before = counts->connected;
        frontends_connect_error = frontends_make_errors = 0;
        plug("device/test/2", "/local/domain/0/backend/test/5/2");
        frontends_run();
        frontends_set("/local/domain/0/backend/test/5/2/state", "4");
        frontends_run();
        CHECK(counts->connected >= 1 && counts->connected <= before + 2);
        CHECK(!strcmp(frontends_get("device/test/2/state"), "4"));
    }
    frontends_reset();
}
