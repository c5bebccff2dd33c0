/* SPDX-License-Identifier: MIT */
/*
 * What is published is a tree of pages with frame numbers
 * (xen/include/public/arch-x86/xen.h, pfn_to_mfn_frame_list_list): the root's entries are
 * pages whose entries are the list's own pages. The newer way, to name the list's address,
 * would take no page. But libxc reads such a list right only if it begins at a multiple of
 * 1 GiB (tools/libs/guest/xg_core_x86.c), and libxc's builder, unlike that of the first
 * domain, puts it behind the image.
 *
 * There it has no room to grow. Its pages are mapped where the first domain's would be, and
 * new ones behind them.
 */
#include "pv/framelist.h"

#include <errno.h>

#include "base/string.h"
#include "mm/lock.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "xen/domain.h"

/* Only as much of the root is read as the domain's memory needs; so its other half can hold
 * the addresses of its nodes, which stay when the frames are others. */
enum { ENTRIES = PAGE_SIZE / sizeof(mfn_t), NODES = ENTRIES / 2 };

static mfn_t *root;
static pfn_t end; /* the list is of frames below it */

/* The list's page for a frame, in the direct map. */
static mfn_t *page_of(pfn_t pfn) {
    const mfn_t *list = (const mfn_t *)xen_start_info->mfn_list;

    return pt_direct(pt_frame(*pt_find((unsigned long)&list[pfn], 1)));
}

static mfn_t frame_of(const void *page) {
    return xen_pfn_to_mfn(pt_direct_pfn(page));
}

static mfn_t *make_node(size_t i) {
    mfn_t **node = (mfn_t **)root + NODES + i;

    if (!*node)
        *node = page_take();
    if (*node)
        root[i] = frame_of(*node);
    return *node;
}

static bool fill(size_t pages) {
    mfn_t *node = NULL;

    for (size_t i = 0; i < pages; i++) {
        if (i % ENTRIES == 0 && !(node = make_node(i / ENTRIES)))
            return false;
        node[i % ENTRIES] = frame_of(page_of(i * ENTRIES));
    }
    return true;
}

static bool publish(void) {
    size_t pages = (end + ENTRIES - 1) / ENTRIES;

    if (!root)
        root = page_take();
    if (!root || pages > NODES * ENTRIES || !fill(pages))
        return false;
    xen_shared_info.arch.pfn_to_mfn_frame_list_list = frame_of(root);
    xen_shared_info.arch.max_pfn = end;
    return true;
}

void framelist_publish(void) {
    lock_take(&mm_lock);
    if (!end)
        end = xen_start_info->nr_pages;
    publish();
    lock_drop(&mm_lock);
}

/* --- growing ---------------------------------------------------------------------------
 */

static int map_page(pfn_t pfn, const void *page) {
    return pt_set(FRAME_LIST + pfn * sizeof(mfn_t),
                  pt_entry(pt_direct_pfn(page), PTE_READ_ONLY));
}

/* What is behind the last entry in its page is nothing of ours. */
static int move(void) {
    int error = 0;

    if (xen_start_info->mfn_list == FRAME_LIST)
        return 0;
    for (pfn_t pfn = 0; pfn < end && !error; pfn += ENTRIES)
        error = map_page(pfn, page_of(pfn));
    pt_commit();
    if (error)
        return error;
    for (pfn_t pfn = end; pfn % ENTRIES; pfn++)
        page_of(end)[pfn % ENTRIES] = FRAME_NONE;
    xen_start_info->mfn_list = FRAME_LIST;
    return 0;
}

static int add_page(pfn_t pfn) {
    void *page = page_take();
    int error = page ? map_page(pfn, page) : -ENOMEM;

    pt_commit();
    if (error && page)
        page_give(page);
    if (!error)
        memset(page, 0xff, PAGE_SIZE); /* FRAME_NONE */
    return error;
}

int framelist_extend(pfn_t new_end) {
    int error = new_end > end ? move() : 0;

    while (end < new_end && !error) {
        error = end % ENTRIES ? 0 : add_page(end);
        end += !error;
    }
    return error ? error : publish() ? 0 : -ENOMEM;
}

void framelist_set(pfn_t pfn, mfn_t mfn) {
    page_of(pfn)[pfn % ENTRIES] = mfn;
}
