/* SPDX-License-Identifier: MIT */
/* Nothing: syscall_arch.h has __syscall_cp inline. */
