/* SPDX-License-Identifier: MIT */
/*
 * The first example prints its two lines, and the time is the host's; in the usual memory,
 * in the smallest that a guest with printf boots in, and in 4 GiB.
 */
// stdout: Hello, world
// stdout-like: The current time is .{19} UTC
// host-time: time is (.{19}) UTC
// case: usual
// case: smallest memory
// memory: 1040K
// case: 4 GiB
// memory: 4G
#include "../../../examples/hello.c"
