/* SPDX-License-Identifier: MIT */
/* The operations whose cost is compared with Linux's: portable C, one file a family, built
 * once by atman-cc and once, with the same compiler, as a static Linux program.
 * Only what op_run does lies between the marks at which instructions are counted. */
#ifndef ATMAN_BENCH_OP_H
#define ATMAN_BENCH_OP_H

struct op {
    const char *name;
    unsigned vcpus;
    /* Times that the operation is done between the marks. */
    unsigned long count;
    /* Before the marks; may be NULL. Ends the program if something fails. */
    void (*prepare)(unsigned long count);
    /* Does the operation `count` times. */
    void (*run)(unsigned long count);
    /* Is run once before the marks with this count, so that what happens only once (a stack
     * that grows, a lazy start) is not part of the figure. 0: not at all. */
    unsigned long warm;
};

extern const struct op op_getppid, op_clock_gettime, op_mutex;
extern const struct op op_pingpong_1, op_pingpong_2, op_thread;
extern const struct op op_fault_near, op_fault_far, op_mmap_page, op_mmap_64m;
extern const struct op op_malloc_small, op_malloc_mixed, op_malloc_large;
extern const struct op op_open_close, op_stat, op_readdir_10k;
extern const struct op op_read_1, op_read_4k, op_read_1m;
extern const struct op op_write_1, op_write_4k, op_write_1m;
extern const struct op op_pipe, op_epoll_10, op_epoll_1k, op_epoll_100k;

/* Ends the program with status 1 and a line on standard error. `error` is an errno value
 * or 0. */
_Noreturn void op_fail(const char *what, int error);

#endif
