/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer's target for block/partition.c: the input is a disk, from its start; what the
 * input leaves out is zeros. As it is, and with sums of a GPT that are right.
 */
#include "block/partition.h"

#include <stdlib.h>
#include <string.h>

#include "crc.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECTORS = 64, MOST = 40, READS = 2000 };

static uint8_t *bytes;
static unsigned reads;

static long read_disk(struct partition_disk *disk, uint64_t sector, void *buffer) {
    REQUIRE(sector < disk->sectors && ++reads < READS);
    memcpy(buffer, bytes + sector * disk->sector_size, disk->sector_size);
    return 0;
}

static void find(unsigned sector_size) {
    struct partition *found = malloc(MOST * sizeof *found);
    struct partition_disk disk = {.read = read_disk,
                                  .sectors = SECTORS,
                                  .sector_size = sector_size,
                                  .buffer = malloc(sector_size)};
    uint64_t end = SECTORS * (sector_size / 512);

    reads = 0;
    long count = partition_find(&disk, found, MOST);
    REQUIRE(count >= 0 && count <= MOST);
    for (long i = 0; i < count; i++)
        REQUIRE(found[i].number && found[i].count && found[i].first < end &&
                found[i].count <= end - found[i].first);
    free(found);
    free(disk.buffer);
}

static uint32_t word_at(const uint8_t *at) {
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* As far as there is something to sum up. */
static void set_sums(unsigned sector_size, unsigned sector) {
    uint8_t *header = bytes + (size_t)sector * sector_size;
    uint64_t start = word_at(header + 72) * (uint64_t)sector_size;
    uint64_t size = (uint64_t)word_at(header + 80) * word_at(header + 84);
    uint32_t crc;

    if (start < SECTORS * sector_size && size <= SECTORS * sector_size - start) {
        crc = crc_of(bytes + start, size);
        memcpy(header + 88, &crc, sizeof crc);
    }
    memset(header + 16, 0, 4);
    crc = crc_of(header, 92);
    memcpy(header + 16, &crc, sizeof crc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned sector_size = size && data[0] % 2 ? 4096 : 512;

    bytes = calloc(SECTORS, sector_size);
    memcpy(bytes, data, size < SECTORS * sector_size ? size : SECTORS * sector_size);
    find(sector_size);
    bytes[510] = 0x55;
    bytes[511] = 0xaa;
    find(sector_size);
    memcpy(bytes + sector_size, "EFI PART", 8);
    set_sums(sector_size, 1);
    find(sector_size);
    free(bytes);
    return 0;
}
