/* SPDX-License-Identifier: MIT */
/*
 * Found before the C library's, which it includes: there CMSG_NXTHDR compares a signed with
 * an unsigned number, of which clang warns in the program that uses it, and with -Werror
 * the program is not compiled.
 */
#ifndef ATMAN_FIRST_SYS_SOCKET_H
#define ATMAN_FIRST_SYS_SOCKET_H

#include_next <sys/socket.h>

static __inline struct cmsghdr *__atman_cmsg_next(const struct msghdr *__message,
                                                  const struct cmsghdr *__control) {
    size_t __at = (size_t)((const char *)__control - (const char *)__message->msg_control);
    size_t __left = (size_t)__message->msg_controllen - __at;
    size_t __step = CMSG_ALIGN((size_t)__control->cmsg_len);

    if (__control->cmsg_len < sizeof *__control || __left < sizeof *__control ||
        __step > __left - sizeof *__control)
        return 0;
    return (struct cmsghdr *)((char *)__message->msg_control + __at + __step);
}

#undef CMSG_NXTHDR
#define CMSG_NXTHDR(message, control) __atman_cmsg_next(message, control)

#endif
