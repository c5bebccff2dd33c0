/* SPDX-License-Identifier: MIT */
#include "mm/ramdisk.h"

#include "mm/lock.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "xen/domain.h"

/* SIF_MOD_START_PFN (a ramdisk that is not mapped) is for images that ask for it by a note.
 */
bool ramdisk_find(void **data, size_t *size) {
    const struct start_info *si = xen_start_info;

    if (!si->mod_start || !si->mod_len || si->flags & SIF_MOD_START_PFN ||
        si->mod_start & (PAGE_SIZE - 1))
        return false;
    *data = (void *)si->mod_start;
    *size = si->mod_len;
    return true;
}

void ramdisk_take_over(void) {
    void *data;
    size_t size;

    if (!ramdisk_find(&data, &size))
        return;
    pfn_t first = pt_direct_pfn(data);
    lock_take(&mm_lock);
    page_own(first, first + ROUND_UP(size, PAGE_SIZE) / PAGE_SIZE);
    lock_drop(&mm_lock);
}
