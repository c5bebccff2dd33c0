/* SPDX-License-Identifier: MIT */
/*
 * xenstore for programs that run as ordinary Xen domains; see atman_xenstore(3).
 *
 * Paths are absolute (/local/domain/...), or begin in the domain's own directory. A
 * transaction is what atman_xenstore_begin gave, or 0: none. What is wrong is a negative
 * errno as the result; errno itself is not set. -ENODEV: there is no store, as under
 * atman-run, or in a process of Linux.
 */
#ifndef ATMAN_XENSTORE_H
#define ATMAN_XENSTORE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The value of a node, which may be any bytes: its length. If that is less than size, there
 * is a NUL behind it; if it is more, only the first size bytes were copied.
 */
long atman_xenstore_read(unsigned __transaction, const char *__path, void *__value,
                         size_t __size);

/* Sets the value; makes the node, and those above it, if it is not there. 0. */
int atman_xenstore_write(unsigned __transaction, const char *__path, const void *__value,
                         size_t __size);

/* The names of the nodes right below, each with a NUL: bytes in all; as for read. */
long atman_xenstore_list(unsigned __transaction, const char *__path, char *__names,
                         size_t __size);

/* Removes a node and all that is below it. 0. */
int atman_xenstore_remove(unsigned __transaction, const char *__path);

/*
 * Begins a transaction: what is read and written in it is as if it were done at once. The
 * end makes it so if __commit is not 0; -EAGAIN: others came between, nothing was done, and
 * it is to be begun again.
 */
int atman_xenstore_begin(unsigned *__transaction);
int atman_xenstore_end(unsigned __transaction, int __commit);

/*
 * Watches a node and all that is below it: the watch's number, from 1 on. The path stays as
 * it was given: later changes of the program's memory do not matter.
 */
int atman_xenstore_watch(const char *__path);

/*
 * Waits until something has changed since this watch's last wait, at most that many
 * milliseconds (-1: without limit). 0; -ETIMEDOUT; -EINTR. The first wait returns at once.
 */
int atman_xenstore_wait(int __watch, int __milliseconds);

/* Ends the watch. A thread that waits for it gets -EBADF. 0. */
int atman_xenstore_unwatch(int __watch);

#ifdef __cplusplus
}
#endif

#endif
