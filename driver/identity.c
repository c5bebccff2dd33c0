/* SPDX-License-Identifier: MIT */
/*
 * Hashing the sysroot: see identity.h. Each file has a hash of its own, and they are added
 * up, so that the order in which folders list them does not matter. The hash need not
 * withstand anybody, only tell two sysroots apart.
 */
#include "identity.h"

#include "memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_bytes(uint64_t hash, const char *bytes, size_t size) {
    uint64_t word;

    hash = mix(hash, size);
    for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, bytes, size);
    return mix(hash, word);
}

static uint64_t mix_file(uint64_t hash, int folder, const char *name, size_t size) {
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    void *content;

    if (fd < 0)
        return hash;
    content = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (content == MAP_FAILED)
        return hash;
    hash = mix_bytes(hash, content, size);
    munmap(content, size);
    return hash;
}

static uint64_t hash_folder(int fd, const char *path);

/* path is the entry's, relative to the toolchain folder; name is its last part. */
static uint64_t hash_entry(int folder, const char *name, const char *path) {
    uint64_t hash = mix_bytes(0, path, strlen(path));
    struct stat st;
    char target[4096];
    ssize_t length;

    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return hash;
    if (S_ISDIR(st.st_mode))
        return hash_folder(openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
    if (S_ISREG(st.st_mode))
        return mix_file(hash, folder, name, (size_t)st.st_size);
    length = readlinkat(folder, name, target, sizeof target);
    return length < 0 ? hash : mix_bytes(hash, target, (size_t)length);
}

/* Takes over fd, which may be -1. */
static uint64_t hash_folder(int fd, const char *path) {
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    uint64_t sum = 0;

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char *inner;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        inner = must_format("%s/%s", path, entry->d_name);
        sum += hash_entry(dirfd(folder), entry->d_name, inner);
        free(inner);
    }
    if (folder)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
    return sum;
}

uint64_t identity_hash(const char *root) {
    static const char *const parts[] = {"sysroot", "lib/atman"};
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *path = must_format("%s/%s", root, parts[i]);

        sum += hash_folder(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), parts[i]);
        free(path);
    }
    return sum;
}
