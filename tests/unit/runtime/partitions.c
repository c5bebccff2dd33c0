/* SPDX-License-Identifier: MIT */
/* partitions IMAGE: what block/partition.c finds in it, as number, start and size. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block/partition.h"

static int image;

static long read_image(struct partition_disk *disk, uint64_t sector, void *buffer) {
    ssize_t n = pread(image, buffer, disk->sector_size, (off_t)sector * disk->sector_size);

    return n == (ssize_t)disk->sector_size ? 0 : -1;
}

int main(int argc, char **argv) {
    static uint64_t buffer[512 / sizeof(uint64_t)];
    static struct partition found[256];
    struct stat status;

    image = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (image < 0 || fstat(image, &status))
        return 2;
    struct partition_disk disk = {.read = read_image,
                                  .sectors = (uint64_t)status.st_size / 512,
                                  .sector_size = 512,
                                  .buffer = buffer};
    long count = partition_find(&disk, found, ARRAY_SIZE(found));
    for (long i = 0; i < count; i++)
        printf("%u %lu %lu\n", found[i].number, found[i].first, found[i].count);
    return count < 0;
}
