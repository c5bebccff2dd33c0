/* SPDX-License-Identifier: MIT */
/*
 * What Xen's domain builder reads before anything runs: ELF notes, each in a section of
 * its own so that `readelf -S` names them (xen/include/public/elfnote.h).
 */
#include <xen/elfnote.h>

#include "pv/layout.h"

    .macro note name, type, kind, value:vararg
    .section .note.Xen.\name,"a",@note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long \type
1:  .asciz "Xen"
2:  .balign 4
3:  \kind \value
4:  .balign 4
    .endm

    note os, XEN_ELFNOTE_GUEST_OS, .asciz, "Atman"
    note version, XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    note loader, XEN_ELFNOTE_LOADER, .asciz, "generic"

    /* Frame 0 of the domain is at the image's start; both must be equal. */
    note virt_base, XEN_ELFNOTE_VIRT_BASE, .quad, atman_image_start
    note paddr_offset, XEN_ELFNOTE_PADDR_OFFSET, .quad, atman_image_start
    note entry, XEN_ELFNOTE_ENTRY, .quad, atman_load_entry

    /* The frame list is kept out of the first mapping, whose size then does not depend on
     * the domain's. */
    note init_p2m, XEN_ELFNOTE_INIT_P2M, .quad, FRAME_LIST

    /* A suspend may return 1: the domain was not moved (pv/away.c). */
    note suspend_cancel, XEN_ELFNOTE_SUSPEND_CANCEL, .long, 1

    /* Xen fills this page before the start; nothing uses it, and the boot stack is there. */
    note hypercall_page, XEN_ELFNOTE_HYPERCALL_PAGE, .quad, atman_boot_stack

    .section .note.GNU-stack,"",@progbits
