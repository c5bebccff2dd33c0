/* SPDX-License-Identifier: MIT */
/*
 * block/published.c: what backends publish is understood, and of what is nonsense nothing
 * comes that cannot be used.
 */
#include "block/published.h"

#include <errno.h>

#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { NODES = 14, LONGEST = 40 };

static struct {
    const char *name;
    char value[LONGEST];
    long size;
} nodes[NODES];
static unsigned count;

static long read_node(struct block_reader *reader, const char *name, char *value,
                      size_t size) {
    (void)reader;
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(nodes[i].name, name)) {
            memcpy(value, nodes[i].value, MIN((size_t)nodes[i].size, size));
            return nodes[i].size;
        }
    return -ENOENT;
}

static struct block_reader reader = {read_node};
static struct block_published is;

static void publish(const char *name, const char *value) {
    unsigned i = 0;

    while (i < count && strcmp(nodes[i].name, name) != 0)
        i++;
    REQUIRE(i < NODES && strlen(value) < LONGEST);
    nodes[i].name = name;
    nodes[i].size = (long)strlen(value);
    memcpy(nodes[i].value, value, strlen(value));
    count += i == count;
}

static void run_linux(void) {
    publish("sectors", "2097152");
    publish("sector-size", "512");
    REQUIRE(!block_published_read(&reader, &is));
    REQUIRE(is.sectors == 2097152 && is.sector_size == 512 && is.physical == 512);
    REQUIRE(!is.is_read_only && !is.is_removable && !is.is_cdrom && !is.offer.flush);
    REQUIRE(!is.offer.barrier && !is.offer.discard && !is.offer.segments);
    REQUIRE(block_published_pages(&reader, 16) == 1);
    publish("info", "4");
    publish("physical-sector-size", "4096");
    publish("feature-flush-cache", "1");
    publish("feature-discard", "1");
    publish("feature-max-indirect-segments", "256");
    publish("max-ring-page-order", "4");
    REQUIRE(!block_published_read(&reader, &is));
    REQUIRE(is.is_read_only && !is.is_cdrom && is.physical == 4096 && is.offer.flush);
    REQUIRE(is.offer.discard && is.discard_unit == 512 && is.offer.segments == 256);
    REQUIRE(block_published_pages(&reader, 16) == 16);
    REQUIRE(block_published_pages(&reader, 7) == 4);
    publish("discard-granularity", "1048576");
    publish("discard-alignment", "512");
    publish("info", "3");
    REQUIRE(!block_published_read(&reader, &is) && is.is_cdrom && is.is_removable);
    REQUIRE(is.discard_unit == 1048576 && is.discard_start == 512);
    publish("sector-size", "4096");
    publish("sectors", "2097153");
    REQUIRE(!block_published_read(&reader, &is) && is.sectors == 2097152);
    REQUIRE(is.discard_unit == 4096 && !is.discard_start); /* not a sector's multiple */
}

static void run_pages(void) {
    publish("max-ring-pages", "6");
    REQUIRE(block_published_pages(&reader, 16) == 4);
    publish("max-ring-page-order", "1");
    REQUIRE(block_published_pages(&reader, 16) == 4);
    publish("max-ring-page-order", "64");
    REQUIRE(block_published_pages(&reader, 99) == 16);
    publish("max-ring-pages", "0");
    publish("max-ring-page-order", "-1");
    REQUIRE(block_published_pages(&reader, 16) == 1);
}

static void run_refused(void) {
    static const char *const bad_sizes[] = {"0", "256", "513", "8192", "", "x", "0x200"};
    static const char *const bad_counts[] = {"18014398509481984", "18446744073709551616",
                                             "-1", "1 ", "99999999999999999999999"};

    REQUIRE(block_published_read(&reader, &is) == -EINVAL);
    publish("sectors", "18014398509481983");
    REQUIRE(block_published_read(&reader, &is) == -EINVAL);
    publish("sector-size", "512");
    REQUIRE(!block_published_read(&reader, &is) && is.sectors == 18014398509481983);
    for (size_t i = 0; i < ARRAY_SIZE(bad_counts); i++) {
        publish("sectors", bad_counts[i]);
        REQUIRE(block_published_read(&reader, &is) == -EINVAL);
    }
    publish("sectors", "1000");
    for (size_t i = 0; i < ARRAY_SIZE(bad_sizes); i++) {
        publish("sector-size", bad_sizes[i]);
        REQUIRE(block_published_read(&reader, &is) == -EINVAL);
    }
}

static void publish_noise(const char *name) {
    char text[LONGEST] = "";
    size_t size = random_below(24);

    for (size_t i = 0; i < size; i++)
        text[i] =
            (char)(random_one_in(20) ? random_between(1, 255) : '0' + random_below(10));
    publish(name, text);
}

static void run_noise(void) {
    static const char *const names[] = {"sectors",
                                        "sector-size",
                                        "physical-sector-size",
                                        "info",
                                        "feature-discard",
                                        "discard-granularity",
                                        "feature-barrier",
                                        "max-ring-pages",
                                        "max-ring-page-order",
                                        "feature-max-indirect-segments"};

    for (int i = 0; i < 20000; i++) {
        publish("sector-size", "1024");
        publish("feature-discard", "1");
        for (size_t n = random_below(5); n; n--)
            publish_noise(names[random_below(ARRAY_SIZE(names))]);
        unsigned pages = block_published_pages(&reader, 16);
        REQUIRE(pages && pages <= 16 && !(pages & (pages - 1)));
        if (block_published_read(&reader, &is))
            continue;
        REQUIRE(is.sectors < 1ul << 54 && is.sector_size >= 512 && is.sector_size <= 4096);
        REQUIRE(is.sectors % (is.sector_size / 512) == 0);
        REQUIRE(is.physical % is.sector_size == 0 && is.physical <= 65536);
        if (is.offer.discard)
            REQUIRE(is.discard_unit && is.discard_unit % is.sector_size == 0);
    }
}

#define SCENARIO(title, count_of)                                                          \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count_of, random_seed()));                 \
    }

SCENARIO(linux, 1)
SCENARIO(pages, 1)
SCENARIO(refused, 1)
SCENARIO(noise, 2)
