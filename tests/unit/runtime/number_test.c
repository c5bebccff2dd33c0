/* SPDX-License-Identifier: MIT */
/* block/number.c: names and numbers of disks are Linux's. */
#include "block/number.h"

#include "test.h"

static bool is(const char *text, const char *name, unsigned minor, unsigned places) {
    struct block_number n;

    return block_number(text, &n) && n.major == 202 && n.minor == minor &&
           n.places == places && !strcmp(n.name, name) && n.is_partition == (places == 1);
}

static bool is_none(const char *text) {
    struct block_number n;

    return !block_number(text, &n);
}

TEST(xvd) {
    CHECK(is("51712", "xvda", 0, 16));
    CHECK(is("51728", "xvdb", 16, 16));
    CHECK(is("51952", "xvdp", 240, 16));
    CHECK(is("51713", "xvda1", 1, 1));
    CHECK(is("51743", "xvdb15", 31, 1));
}

TEST(extended) {
    CHECK(is("268439552", "xvdq", 4096, 256));
    CHECK(is("268435456", "xvda", 0, 256));
    CHECK(is("268442112", "xvdaa", 26 * 256, 256));
    CHECK(is("268615167", "xvdzz255", 701 * 256 + 255, 1));
    CHECK(is("268439553", "xvdq1", 4097, 1));
}

/* hda is 3 << 8, hdc 22 << 8; sda 8 << 8, sdq 65 << 8. */
TEST(other_disks) {
    CHECK(is("768", "xvda", 0, 16));
    CHECK(is("832", "xvdb", 16, 16));
    CHECK(is("5632", "xvdc", 32, 16));
    CHECK(is("769", "xvda1", 1, 1));
    CHECK(is("2048", "xvda", 0, 16));
    CHECK(is("2064", "xvdb", 16, 16));
    CHECK(is("16640", "xvdq", 256, 16));
}

TEST(none) {
    CHECK(is_none(""));
    CHECK(is_none("x"));
    CHECK(is_none("51712x"));
    CHECK(is_none("-51712"));
    CHECK(is_none("0"));
    CHECK(is_none("784"));       /* hda16 has no place among 16 */
    CHECK(is_none("52000"));     /* major 203 */
    CHECK(is_none("269484032")); /* 2^28 + 2^20: more than Linux's minors */
    CHECK(is_none("536870912"));
    CHECK(is_none("18446744073709603328")); /* 2^64 + 51712 */
}

TEST(devices) {
    struct block_number n;
    char name[BLOCK_NAME];

    CHECK(block_number("51728", &n));
    block_number_partition(&n, 12, name);
    CHECK(!strcmp(name, "xvdb12"));
    CHECK(block_number_device(202, 17) == 0xca11);
    CHECK(block_number_device(202, 4097) == 0x100ca01);
}
