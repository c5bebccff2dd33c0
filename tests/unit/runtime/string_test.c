/* SPDX-License-Identifier: MIT */
/*
 * base/string.c against the C library's functions of the same names, with the operands
 * against the end or the beginning of accessible memory, so that one byte too many is a
 * fault: the sanitizer does not see what string instructions do.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "random.h"
#include "require.h"
#include "test.h"

#include "string_names.h"

#include "base/string.h"

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp

enum { ROOM = 4096, SIZES = 70 };

/* ROOM bytes between two pages that cannot be touched. */
static unsigned char *new_room(void) {
    unsigned char *at = mmap(NULL, 3 * ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    REQUIRE(at != MAP_FAILED && !mprotect(at + ROOM, ROOM, PROT_READ | PROT_WRITE));
    return at + ROOM;
}

static void fill_random(void *at, size_t size) {
    for (unsigned char *byte = at; size; size--)
        *byte++ = (unsigned char)random_next();
}

/* n bytes at the room's beginning or end. */
static unsigned char *place(unsigned char *room, size_t n, bool at_end) {
    return at_end ? room + ROOM - n : room;
}

static int sign(int n) {
    return (n > 0) - (n < 0);
}

TEST(copy_and_set) {
    unsigned char *from = new_room(), *to = new_room(), kept[ROOM];

    random_start(1);
    fill_random(from, ROOM);
    for (size_t n = 0; n <= SIZES; n++)
        for (int where = 0; where < 4; where++) {
            unsigned char *source = place(from, n, where & 1);
            unsigned char *target = place(to, n, where & 2);
            fill_random(to, ROOM);
            memcpy(kept, to, ROOM);
            CHECK(runtime_memcpy(target, source, n) == target);
            memcpy(kept + (target - to), source, n);
            CHECK(!memcmp(kept, to, ROOM));
            CHECK(runtime_memset(target, (int)(n * 37 + 0x5500), n) == target);
            memset(kept + (target - to), (int)(n * 37 & 0xff), n);
            CHECK(!memcmp(kept, to, ROOM));
        }
}

TEST(move) {
    unsigned char *room = new_room(), wanted[ROOM];

    random_start(2);
    for (size_t n = 0; n <= SIZES; n++)
        for (size_t from = 0; from <= 2 * SIZES - n; from += 3)
            for (size_t to = 0; to <= 2 * SIZES - n; to += 7) {
                unsigned char *at = place(room, 2 * SIZES, from & 1);
                fill_random(at, 2 * SIZES);
                memcpy(wanted, at, 2 * SIZES);
                memmove(wanted + to, wanted + from, n);
                REQUIRE(runtime_memmove(at + to, at + from, n) == at + to);
                REQUIRE_SAYING(!memcmp(wanted, at, 2 * SIZES), "%zu bytes, %zu to %zu", n,
                               from, to);
            }
    CHECK(true);
}

TEST(compare_memory) {
    unsigned char *a = new_room(), *b = new_room();

    random_start(3);
    for (int i = 0; i < 20000; i++) {
        size_t n = random_below(SIZES);
        unsigned char *p = place(a, n, random_one_in(2)),
                      *q = place(b, n, random_one_in(2));
        fill_random(p, n);
        memcpy(q, p, n);
        if (n && !random_one_in(4))
            q[random_below(n)] ^= (unsigned char)(1 << random_below(8));
        REQUIRE(sign(runtime_memcmp(p, q, n)) == sign(memcmp(p, q, n)));
    }
    CHECK(true);
}

/* A text whose end is the end of the memory; letters above 127 are among them. */
static char *random_text(unsigned char *room, size_t length) {
    unsigned char *at = place(room, length + 1, true);

    for (size_t i = 0; i < length; i++)
        at[i] = (unsigned char[]){'a', 'b', 0x80, 0xff}[random_below(4)];
    at[length] = '\0';
    return (char *)at;
}

TEST(texts) {
    unsigned char *a = new_room(), *b = new_room();

    random_start(4);
    for (int i = 0; i < 50000; i++) {
        size_t length = random_below(12);
        const char *p = random_text(a, length), *q = random_text(b, random_below(12));
        REQUIRE(runtime_strlen(p) == length);
        REQUIRE(sign(runtime_strcmp(p, q)) == sign(strcmp(p, q)));
        size_t n = random_below(16);
        REQUIRE(sign(runtime_strncmp(p, q, n)) == sign(strncmp(p, q, n)));
        REQUIRE(!runtime_strcmp(p, p) && !runtime_strncmp(p, p, n));
    }
    CHECK(true);
}

/* strncmp reads no further than n, even where no NUL is. */
TEST(no_end) {
    unsigned char *a = new_room(), *b = new_room();

    memset(a, 'x', ROOM);
    memset(b, 'x', ROOM);
    for (size_t n = 0; n <= SIZES; n++)
        CHECK_EQ(runtime_strncmp((char *)a + ROOM - n, (char *)b + ROOM - n, n), 0);
}
