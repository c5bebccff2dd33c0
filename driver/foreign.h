/* SPDX-License-Identifier: MIT */
/*
 * Objects that were not compiled for a guest: with the headers of another C library, and
 * for another system. Whatever atman-cc compiles says so in its .comment section and by
 * another section that stripping leaves (sysroot/mark/mark.ll), through relocatable links,
 * archives and link-time optimisation; what it assembles has a local symbol, atman_object;
 * bitcode names its target.
 *
 * Taken for foreign is an object that has none of these, holds code, and shows that a
 * compiler made it: by another .comment or by unwind tables. So data, and what an assembler
 * of its own made (nasm), is nobody's business.
 */
#ifndef ATMAN_DRIVER_FOREIGN_H
#define ATMAN_DRIVER_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/* Who made the object in these bytes, if it is a foreign one, as a new string in a
 * message's form ("compiled by GCC: ..."); else NULL. What is no x86-64 object is not
 * looked at. The bytes are untrusted. */
char *foreign_object(const void *bytes, size_t size);

/* A file that the linker has taken something of. member: the archive's member that it took
 * (more than one may have that name), NULL: the whole file, with all members. For each
 * foreign object there is a message, up to a limit; returns how many there are. Files that
 * cannot be read have none: the linker has its own say about them. */
size_t foreign_file(const char *path, const char *member);

#endif
