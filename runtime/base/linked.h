/* SPDX-License-Identifier: MIT */
/*
 * A part of the runtime that an image holds only if its program reaches it can be told that
 * it is there, before the program starts.
 */
#ifndef ATMAN_BASE_LINKED_H
#define ATMAN_BASE_LINKED_H

/*
 * In the body of `function`, a global one that is not inline: if the image holds it,
 * call(), a global void (*)(void), runs at the end of the start, in the main thread. (A
 * section that the linker keeps with that of the function, SHF_LINK_ORDER.)
 */
#define WHERE_LINKED(function, call)                                                       \
    __asm__ volatile(".pushsection .atman.linked,\"ao\",@progbits," #function "\n"         \
                     "\t.quad " #call "\n"                                                 \
                     "\t.popsection")

/* linker-scripts/atman.ld */
extern void (*const atman_linked_start[])(void), (*const atman_linked_end[])(void);

#endif
