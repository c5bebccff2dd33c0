/* SPDX-License-Identifier: MIT */
/* What driver/pack.c writes is what fs/cpio.c reads. */
#include "pack.h"

#include "archives.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/archive.h"
#include "require.h"
#include "test.h"

static char folder[] = "/tmp/atman-pack-XXXXXX";

__attribute__((destructor)) static void remove_folder(void) {
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (strchr(folder, 'X') || system(command))
        return;
}

/* Runs a command in the folder of this run. */
static void in_folder(const char *command) {
    char *line;

    if (strstr(folder, "XXXXXX"))
        REQUIRE(mkdtemp(folder) && chdir(folder) == 0);
    REQUIRE(asprintf(&line, "umask 22; set -e; %s", command) > 0);
    REQUIRE(system(line) == 0);
    free(line);
}

/* Packs; the bytes are the caller's to free. NULL: it failed. */
static char *pack(size_t *size, char *const *specs) {
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, size);
    bool good = pack_folders(out, "memory", specs);

    fclose(out);
    if (good)
        return bytes;
    free(bytes);
    return NULL;
}
#define PACK(size, ...) pack(size, (char *[]){__VA_ARGS__, NULL})

TEST(a_tree) {
    size_t size, again;
    char *bytes, *other;
    struct listing listing;

    in_folder("mkdir -p a/d/e b; printf hello >a/f; ln a/f a/g; ln -s ../x a/s; mkfifo a/p;"
              "chmod 4750 a/f; chmod 700 a/d; : >a/Z; echo >'a/TRAILER!!!'; echo x >b/f");
    bytes = PACK(&size, "a", "b:/d//n/", "a:/q");
    REQUIRE(bytes);
    listing = list_archive(bytes, size, 0, false);
    CHECK_TEXT(listing.reason, NULL);
    CHECK_TEXT(listing.text,
               "-0644 0:0 1(0000000a) TRAILER!!!\n-0644 0:0 0 Z\nd0700 0:0 0 d\n"
               "d0755 0:0 0 d/e\n-4750 0:0 5(05e918d2) f (2 links)\n"
               "-4750 0:0 0 g (2 links)\np0644 0:0 0 p\nl0777 0:0 0 s -> ../x\n"
               "d0755 0:0 0 d\nd0755 0:0 0 d/n\n-0644 0:0 2(00000e92) d/n/f\n"
               "d0755 0:0 0 q\n-0644 0:0 1(0000000a) q/TRAILER!!!\n-0644 0:0 0 q/Z\n"
               "d0700 0:0 0 q/d\nd0755 0:0 0 q/d/e\n-4750 0:0 5(05e918d2) q/f (2 links)\n"
               "-4750 0:0 0 q/g (2 links)\np0644 0:0 0 q/p\nl0777 0:0 0 q/s -> ../x\n");
    free(listing.text);
    other = PACK(&again, "a", "b:/d/n", "a:/q");
    CHECK(again == size && !memcmp(bytes, other, size));
    free(bytes);
    free(other);
}

/* The sink sees where data are. */
static unsigned aligned, others;
static const char *base;

static int look(struct archive *archive, const struct archive_entry *entry) {
    size_t at = (size_t)((const char *)entry->data - base);

    (void)archive;
    if (entry->size >= 4096) {
        CHECK_EQ(at % 4096, 0);
        aligned++;
    } else {
        others++;
    }
    return 0;
}

TEST(pages) {
    char name[ARCHIVE_NAME], target[ARCHIVE_NAME];
    size_t size;
    char *bytes;

    in_folder("mkdir -p big; for n in 0 1 4095 4096 4097 8192 70000; do "
              "head -c $n /dev/zero >big/$n; done; n=$(printf %0250d 0); "
              "head -c 5000 /dev/zero >big/$n");
    bytes = PACK(&size, "big");
    REQUIRE(bytes);
    struct archive_source source = {.at = (uint8_t *)bytes, .size = size};
    struct archive archive = {
        .source = &source, .sink = look, .name = name, .target = target};
    base = bytes;
    CHECK_EQ(archive_unpack(&archive), 0);
    CHECK_EQ(aligned, 5);
    CHECK_EQ(others, 3);
    free(bytes);
}

TEST(times) {
    size_t size;
    char *bytes;
    struct listing listing;

    in_folder("mkdir -p t; : >t/a; : >t/b; touch -d @1000 t/a; touch -d @-5 t/b");
    setenv("SOURCE_DATE_EPOCH", "500", 1);
    bytes = PACK(&size, "t");
    listing = list_archive(bytes, size, 0, true);
    CHECK_TEXT(listing.text, "-0644 0:0 0 500.000000000 a\n-0644 0:0 0 0.000000000 b\n");
    free(listing.text);
    free(bytes);
    unsetenv("SOURCE_DATE_EPOCH");
    bytes = PACK(&size, "t");
    listing = list_archive(bytes, size, 0, true);
    CHECK_TEXT(listing.text, "-0644 0:0 0 1000.000000000 a\n-0644 0:0 0 0.000000000 b\n");
    free(listing.text);
    free(bytes);
}

TEST(what_cannot_be) {
    size_t size;

    in_folder("mkdir -p huge; truncate -s 4G huge/file; : >plain");
    CHECK(!PACK(&size, "huge"));
    CHECK(!PACK(&size, "nowhere"));
    CHECK(!pack_is_spec("--files", "nowhere"));
    CHECK(!pack_is_spec("--files", "plain"));
    CHECK(!pack_is_spec("--files", "huge:/a/../b"));
    CHECK(!pack_is_spec("--files", ""));
    CHECK(!pack_is_spec("--files", ":/x"));
    CHECK(pack_is_spec("--files", "huge:/"));
    CHECK(pack_is_spec("--files", "huge:/a..b/.c"));
}
