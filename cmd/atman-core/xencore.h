/* SPDX-License-Identifier: MIT */
/*
 * A domain's core as `xl dump-core` writes it (Xen's docs/misc/dump-core-format.txt): an
 * ELF file of sections without segments: the vCPUs, the domain's pages, and which frames
 * these are. Of PV domains of 64 bits.
 *
 * The file is not trusted: whatever it contains, nothing outside it is read.
 */
#ifndef ATMAN_CORE_XENCORE_H
#define ATMAN_CORE_XENCORE_H

#include <stddef.h>
#include <stdint.h>

#define XENCORE_PAGE 4096

struct xencore {
    const unsigned char *vcpus; /* vcpu_guest_context_t, one after the other */
    size_t vcpu_count;
    const unsigned char *pages; /* XENCORE_PAGE bytes each */
    size_t page_count;
    struct xencore_frame {
        uint64_t mfn;
        size_t page;
    } *frames; /* sorted by mfn, without those that are none */
    size_t frame_count;
};

/* Finds all that in a file of size bytes, which must stay. Returns NULL, and the caller
 * frees with xencore_free(); or a reason why not, as a static string. */
const char *xencore_read(struct xencore *core, const void *file, size_t size);

/* The contents of a frame of the machine; NULL: the domain does not have it. */
const unsigned char *xencore_page(const struct xencore *core, uint64_t mfn);

/* Frees what xencore_read() allocated. */
void xencore_free(struct xencore *core);

#endif
