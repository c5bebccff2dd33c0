/* SPDX-License-Identifier: MIT */
/* fs/unpack.c: what the host's gzip and zstd have compressed, mixed with what is plain. */
#include "archives.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/unpack.h"
#include "require.h"
#include "test.h"

static size_t taken, most_taken;
static bool nothing_left;

static void *get(size_t size) {
    if (nothing_left)
        return NULL;
    taken += size;
    if (taken > most_taken)
        most_taken = taken;
    return calloc(1, size);
}

static void put(void *memory, size_t size) {
    taken -= size;
    free(memory);
}

static int read_any(struct archive *archive, const void *data, size_t size) {
    return unpack(archive, data, size, &(struct unpack_memory){get, put});
}

struct bytes {
    char *data;
    size_t size;
};

/* What a command writes, in a folder with the files a, b (300,000 bytes) and the tars of
 * both. */
static struct bytes run(const char *command) {
    static char folder[] = "/tmp/atman-unpack-XXXXXX";
    struct bytes bytes = {0};
    char *line;
    FILE *pipe;

    if (!access(folder, F_OK))
        REQUIRE(asprintf(&line, "cd %s; set -e; %s", folder, command) > 0);
    else
        REQUIRE(mkdtemp(folder) &&
                asprintf(&line,
                         "set -e; umask 22; cd %s; echo a >a; seq 100000 142857 | "
                         "head -c 300000 >b; tar --owner 1:1 --group 2:2 -cf a.tar a; "
                         "tar --owner 1:1 --group 2:2 -cf b.tar b; %s",
                         folder, command) > 0);
    pipe = popen(line, "r");
    REQUIRE(pipe);
    for (size_t n = 1; n; bytes.size += n) {
        bytes.data = realloc(bytes.data, bytes.size + 65536);
        n = fread(bytes.data + bytes.size, 1, 65536, pipe);
    }
    bytes.data = realloc(bytes.data, bytes.size + 1); /* ASan sees what lies behind */
    REQUIRE(pclose(pipe) == 0);
    free(line);
    return bytes;
}

static const char a[] = "-0644 1:2 2(00000bc9) a\n", b[] = "-0644 1:2 300000(382e395d) b\n";

static void use(const char *command, const char *first, const char *second) {
    struct bytes bytes = run(command);
    struct listing listing = list_by(read_any, bytes.data, bytes.size, false);
    char wanted[100];

    snprintf(wanted, sizeof wanted, "%s%s", first, second);
    CHECK_TEXT(listing.text, wanted);
    CHECK_TEXT(listing.reason, NULL);
    CHECK_EQ(taken, 0);
    free(listing.text);
    free(bytes.data);
}

static bool has_zstd(void) {
    return system("zstd --version >/dev/null 2>&1") == 0;
}

TEST(gzip) {
    use("gzip -c a.tar", a, "");
    use("gzip -9c b.tar", b, "");
    use("gzip -1c <b.tar", b, "");
    use("cat a.tar; gzip -c b.tar", a, b);
    use("gzip -c b.tar; cat a.tar", b, a);
    use("gzip -c a.tar; gzip -c b.tar", a, b);
    use("gzip -c a.tar; head -c 1000 /dev/zero; gzip -c b.tar; head -c 9 /dev/zero", a, b);
    /* One archive, of which two files were compressed apart. */
    use("head -c 10000 b.tar | gzip -c; tail -c +10001 b.tar | gzip -c", b, "");
}

TEST(zstd) {
    if (!has_zstd()) {
        printf("no zstd here: it is not tried\n");
        return;
    }
    use("zstd -qc a.tar", a, "");
    use("zstd -qc b.tar", b, "");
    use("zstd -19 -qc b.tar", b, "");
    use("zstd --fast=3 --no-check -qc <b.tar", b, "");
    use("zstd --long=23 -qc b.tar; gzip -c a.tar", b, a);
    use("cat a.tar; zstd -qc b.tar", a, b);
    use("zstd -qc b.tar; zstd -qc a.tar", b, a);
    use("head -c 10000 b.tar | zstd -qc; tail -c +10001 b.tar | zstd -qc", b, "");
    use("printf 'P*M\\030\\003\\000\\000\\000abc'; zstd -qc b.tar", b, "");
}

/* What is decoded is not kept: decoders have memory for a window, not for the archive. */
TEST(memory) {
    most_taken = 0;
    use("gzip -c b.tar", b, "");
    CHECK(most_taken < 128 << 10);
    if (has_zstd()) {
        most_taken = 0;
        use("zstd --zstd=wlog=17 -qc <b.tar", b, "");
        CHECK(most_taken < 768 << 10);
    }
    nothing_left = true;
    struct bytes bytes = run("gzip -c a.tar");
    struct listing listing = list_by(read_any, bytes.data, bytes.size, false);
    CHECK_EQ(listing.error, -ENOMEM);
    CHECK_TEXT(listing.reason, "no memory to decompress it");
    free(listing.text);
    free(bytes.data);
    nothing_left = false;
}

static void refuse_bytes(struct bytes bytes, const char *reason, const char *other) {
    struct listing listing = list_by(read_any, bytes.data, bytes.size, false);

    CHECK(listing.error < 0);
    if (other && listing.reason && strcmp(listing.reason, other) == 0)
        reason = other;
    CHECK_TEXT(listing.reason, reason);
    CHECK_EQ(taken, 0);
    free(listing.text);
    free(bytes.data);
}

static void refuse(const char *command, const char *reason) {
    refuse_bytes(run(command), reason, NULL);
}

/* One byte changed: it is seen, or it did not matter to the archive. */
static void damage(const char *command) {
    struct bytes whole = run(command);
    unsigned refused = 0;

    for (size_t i = 0; i < whole.size; i += 1 + whole.size / 300) {
        char *copy = memcpy(malloc(whole.size), whole.data, whole.size);
        copy[i] ^= 0x10;
        struct listing listing = list_by(read_any, copy, whole.size, false);
        if (listing.error)
            refused++;
        else
            REQUIRE(!strcmp(listing.text, b) || !*listing.text);
        REQUIRE(taken == 0);
        free(listing.text);
        free(copy);
    }
    CHECK(refused > 250);
    free(whole.data);
}

TEST(bad) {
    refuse("gzip -c b.tar | head -c 5000", "the compressed data end too early");
    refuse("gzip -c a.tar | head -c 5", "the compressed data end too early");
    refuse("gzip -c a.tar | head -c -3", "the compressed data end too early");
    refuse("gzip -c a.tar | head -c -8; head -c 8 /dev/zero",
           "the compressed data do not have their checksum");
    refuse("gzip -c a.tar; echo more", "the archive ends in the midst of it");
    refuse("echo no archive | gzip -c", "the archive ends in the midst of it");
    refuse("seq 1 1000 | gzip -c", "neither cpio nor tar");
    damage("gzip -c b.tar");
    if (!has_zstd())
        return;
    refuse("zstd -qc b.tar | head -c 5000", "the compressed data end too early");
    refuse("zstd -qc a.tar | head -c 5", "the compressed data end too early");
    refuse("zstd -qc a.tar | head -c -3", "the compressed data end too early");
    refuse("zstd -qc a.tar | head -c -4; printf abcd",
           "the compressed data do not have their checksum");
    refuse("zstd --long=24 --zstd=wlog=24 -qc <b.tar",
           "its window is larger than 8 MiB; zstd with --long=23 or less, or a level below "
           "20");
    refuse("zstd --zstd=wlog=10 -qc <a.tar; zstd --zstd=wlog=23 -qc <b.tar",
           "its window is larger than 8 MiB, or than the first frame's");
    damage("zstd -qc b.tar");
}

__attribute__((destructor)) static void clean(void) {
    if (system("rm -rf /tmp/atman-unpack-??????"))
        return;
}
