/* SPDX-License-Identifier: MIT */
/* Making the ramdisk: see ramdisk.h. */
#include "ramdisk.h"

#include "message.h"
#include "pack.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };
#define MIB (UINT64_C(1) << 20)
/* What an image, its stack and its tables take at least. */
#define LEAST_BESIDE (2 * MIB)

/*
 * Up to the next page, archives of nothing, one behind the other. Zeros would do for a
 * whole archive, but be taken for the end of one that was cut off.
 */
static void fill_page(FILE *out, uint64_t size) {
    static const char nothing[124] =
        "0707010000000000000000000000000000000000000001000000000000000000000000"
        "0000000000000000000000000000000B00000000" /* names of B, 11 bytes */
        "TRAILER!!!";
    uint64_t left = -size & (PAGE - 1);

    for (; left >= sizeof nothing; left -= sizeof nothing)
        fwrite(nothing, 1, sizeof nothing, out);
    while (left--)
        fputc(0, out);
}

/* The archive as it is; and up to a page, where folders begin that are packed behind it. */
static bool copy_archive(FILE *out, const char *path, bool more) {
    static char buffer[1 << 16];
    FILE *in = fopen(path, "re");
    uint64_t size = 0;
    size_t n;

    while (in && (n = fread(buffer, 1, sizeof buffer, in)) > 0) {
        fwrite(buffer, 1, n, out); /* errors are seen at the end */
        size += n;
    }
    if (!in || ferror(in)) {
        message(path, "%s", strerror(errno));
        if (in)
            fclose(in);
        return false;
    }
    fclose(in);
    if (size == 0) {
        message(path, "empty, and no archive");
        return false;
    }
    if (more)
        fill_page(out, size);
    return true;
}

static bool write_all(FILE *out, const char *what, const struct run_options *options) {
    if (options->ramdisk && !copy_archive(out, options->ramdisk, options->files.count))
        return false;
    if (options->files.count)
        return pack_folders(out, what, options->files.words);
    if (fflush(out) == 0 && !ferror(out))
        return true;
    message(what, "%s", strerror(errno));
    return false;
}

bool ramdisk_make(struct ramdisk *ramdisk, const struct run_options *options) {
    struct stat st;
    FILE *out;
    bool ok;

    *ramdisk = (struct ramdisk){.fd = -1};
    if (!options->ramdisk && !options->files.count)
        return true;
    if (!pack_open(&out, &ramdisk->fd))
        return false;
    ok = write_all(out, "the ramdisk's temporary file", options) &&
         fstat(ramdisk->fd, &st) == 0;
    fclose(out);
    if (ok)
        ramdisk->size = (uint64_t)st.st_size;
    else
        ramdisk_close(ramdisk);
    return ok;
}

bool ramdisk_fits(const struct ramdisk *ramdisk, uint64_t kib) {
    if (ramdisk->size + LEAST_BESIDE <= kib * 1024 || ramdisk->fd < 0)
        return true;
    message("-m", "the guest's %llu MiB do not hold a ramdisk of %llu MiB; give it more",
            (unsigned long long)(kib / 1024),
            (unsigned long long)((ramdisk->size + MIB - 1) / MIB));
    return false;
}

int ramdisk_save(const struct run_options *options) {
    FILE *out;
    bool ok;

    if (!options->ramdisk && !options->files.count) {
        message("--pack", "pack what? --files DIR says it");
        return RUN_FAILED;
    }
    out = fopen(options->pack, "we");
    ok = out && write_all(out, options->pack, options);
    if (!out)
        message(options->pack, "%s", strerror(errno));
    else if (fclose(out) != 0 && ok) {
        message(options->pack, "%s", strerror(errno));
        ok = false;
    }
    if (!ok && out)
        unlink(options->pack);
    return ok ? 0 : RUN_FAILED;
}

void ramdisk_close(struct ramdisk *ramdisk) {
    if (ramdisk->fd >= 0)
        close(ramdisk->fd);
    ramdisk->fd = -1;
}
