/* SPDX-License-Identifier: MIT */
/*
 * A tree of pages with frame numbers (xen/include/public/arch-x86/xen.h,
 * pfn_to_mfn_frame_list_list): the root's entries are pages whose entries are the list's
 * own pages. The newer way, to name the list's address, would take no page. But libxc reads
 * such a list right only if it begins at a multiple of 1 GiB
 * (tools/libs/guest/xg_core_x86.c), and libxc's builder, unlike that of the first domain,
 * puts it behind the image.
 */
#include "pv/framelist.h"

#include "mm/page.h"
#include "pv/pagetable.h"
#include "xen/domain.h"

/* Only as much of the root is read as the domain's memory needs; so its other half can hold
 * the addresses of its nodes, which stay when the frames are others. */
enum { ENTRIES = PAGE_SIZE / sizeof(mfn_t), NODES = ENTRIES / 2 };

static mfn_t frame_of(const void *page) {
    return xen_pfn_to_mfn(pt_direct_pfn(page));
}

static mfn_t *make_node(mfn_t *root, size_t i) {
    mfn_t **node = (mfn_t **)root + NODES + i;

    if (!*node)
        *node = page_alloc_kernel();
    if (*node)
        root[i] = frame_of(*node);
    return *node;
}

static bool fill(mfn_t *root, const mfn_t *list, size_t pages) {
    mfn_t *node = NULL;

    for (size_t i = 0; i < pages; i++) {
        if (i % ENTRIES == 0 && !(node = make_node(root, i / ENTRIES)))
            return false;
        node[i % ENTRIES] = frame_of(list + i * ENTRIES);
    }
    return true;
}

void framelist_publish(void) {
    static mfn_t *root;
    const mfn_t *list = (const mfn_t *)xen_start_info->mfn_list;
    size_t pages = (xen_start_info->nr_pages + ENTRIES - 1) / ENTRIES;

    if (!root)
        root = page_alloc_kernel();
    if (!root || pages > NODES * ENTRIES || !fill(root, list, pages))
        return;
    xen_shared_info.arch.pfn_to_mfn_frame_list_list = frame_of(root);
    xen_shared_info.arch.max_pfn = xen_start_info->nr_pages;
}
