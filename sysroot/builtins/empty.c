/* SPDX-License-Identifier: MIT */
/* crtbegin.o, crtbeginT.o and crtend.o: clang's link line names them, and a guest
 * needs nothing from them. The declaration only makes this a valid C file. */
extern int atman_crt_is_empty;
