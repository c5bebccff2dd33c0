/* SPDX-License-Identifier: MIT */
/*
 * Grants for tests, and what the domain that has them can do, done by this one to itself.
 * Only in the runtime with checks, and there only in the image of a program that calls it.
 */
#ifdef ATMAN_DEBUG
#    include <errno.h>

#    include "mm/lock.h"
#    include "mm/page.h"
#    include "pv/pagetable.h"
#    include "xen/grant.h"
#    include "xen/hypercall.h"

void *atman_granted_new(unsigned domain, int read_only, long *ref);
int atman_granted_end(unsigned ref);
void atman_granted_free(unsigned ref);
unsigned long atman_granted_settle(void);
long atman_granted_copy(unsigned domain, unsigned ref, void *page, int write);
void *atman_granted_map(unsigned domain, unsigned ref, unsigned *handle);
long atman_granted_unmap(void *page, unsigned handle);
unsigned long atman_granted_free_pages(void);

void *atman_granted_new(unsigned domain, int read_only, long *ref) {
    return grant_new((domid_t)domain, read_only, ref);
}

int atman_granted_end(unsigned ref) {
    return grant_end(ref);
}

void atman_granted_free(unsigned ref) {
    grant_free(ref);
}

unsigned long atman_granted_settle(void) {
    return grant_settle();
}

/* A page of atman_granted_new's is filled from one that is granted, or that from it. */
long atman_granted_copy(unsigned domain, unsigned ref, void *page, int write) {
    struct gnttab_copy copy = {.len = PAGE_SIZE};
    struct gnttab_copy_ptr granted = {.u.ref = ref, .domid = (domid_t)domain};
    struct gnttab_copy_ptr own = {.u.gmfn = xen_pfn_to_mfn(pt_direct_pfn(page)),
                                  .domid = DOMID_SELF};

    copy.source = write ? own : granted;
    copy.dest = write ? granted : own;
    copy.flags = write ? GNTCOPY_dest_gref : GNTCOPY_source_gref;
    long error = xen_grant_table_op(GNTTABOP_copy, &copy, 1);
    return error ? error : copy.status;
}

/* Maps what is granted, with all rights, over a page of its own; its address, or NULL. */
void *atman_granted_map(unsigned domain, unsigned ref, unsigned *handle) {
    void *page = page_alloc_kernel();
    struct gnttab_map_grant_ref map = {.host_addr = (unsigned long)page,
                                       .flags = GNTMAP_host_map,
                                       .ref = ref,
                                       .dom = (domid_t)domain};

    lock_take(&mm_lock);
    pt_narrow();
    (void)pt_set((unsigned long)page, 0);
    pt_commit();
    long error = xen_grant_table_op(GNTTABOP_map_grant_ref, &map, 1);
    lock_drop(&mm_lock);
    *handle = map.handle;
    return error || map.status ? NULL : page;
}

long atman_granted_unmap(void *page, unsigned handle) {
    struct gnttab_unmap_grant_ref unmap = {.host_addr = (unsigned long)page,
                                           .handle = handle};

    lock_take(&mm_lock);
    long error = xen_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1);
    (void)pt_set((unsigned long)page, pt_entry(pt_direct_pfn(page), PTE_READ_WRITE));
    pt_commit();
    page_give(page);
    lock_drop(&mm_lock);
    return error ? error : unmap.status;
}

unsigned long atman_granted_free_pages(void) {
    lock_take(&mm_lock);
    size_t count = page_count_free();
    lock_drop(&mm_lock);
    return count;
}
#else
typedef int empty;
#endif
