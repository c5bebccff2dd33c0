/* SPDX-License-Identifier: MIT */
/*
 * Grants: pages of this domain's that another domain may read, or read and write
 * (xen/include/public/grant_table.h, version 1). The table begins with the first grant and
 * grows a frame at a time.
 *
 * The other domain is not trusted. A page that is granted holds nothing that it may not
 * know, so it is a whole one that was zeroed; and it is nobody else's until the grant has
 * ended, which the other domain can delay for ever by leaving the page mapped.
 *
 * May be called wherever mm_lock may be taken.
 */
#ifndef ATMAN_XEN_GRANT_H
#define ATMAN_XEN_GRANT_H

#include "base.h"
#include "xen/interface.h"

/*
 * Domain other may use page, which is in the direct map. The reference, above 0, or
 * -ENOMEM, -ENOSPC (Xen gives no more room for the table).
 */
long grant_page(domid_t other, const void *page, bool read_only);

/*
 * Ends the grant in one step: true, and the reference is free and the page the caller's
 * alone. False if the other domain has the page mapped: then nothing has changed.
 */
bool grant_end(grant_ref_t ref);

/* A new page, all zeros, and its grant. NULL, and the error in *ref as grant_page's. */
void *grant_new(domid_t other, bool read_only, long *ref);

/*
 * Ends the grant and gives the page, one of page_alloc_kernel's, back to mm/page.h: later,
 * if the other domain has it mapped. Nobody uses either any more.
 */
void grant_free(grant_ref_t ref);

/* Tries again to end what grant_free could not. How many there are left. */
size_t grant_settle(void);

#endif
