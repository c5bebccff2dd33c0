/* SPDX-License-Identifier: MIT */
/* Runs the operation that the argument names, with a mark on either side of it. A mark is a
 * function of this name that does nothing: the counting plugin knows its address. Without
 * an argument: lists the operations, each with its vCPUs and count. */
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct op *const ops[] = {
    &op_getppid,      &op_clock_gettime, &op_mutex,        &op_pingpong_1, &op_pingpong_2,
    &op_thread,       &op_fault_near,    &op_fault_far,    &op_mmap_page,  &op_mmap_64m,
    &op_malloc_small, &op_malloc_mixed,  &op_malloc_large, &op_open_close, &op_stat,
    &op_read_1,       &op_read_4k,       &op_read_1m,      &op_write_1,    &op_write_4k,
    &op_write_1m,     &op_readdir_10k,   &op_pipe,         &op_epoll_10,   &op_epoll_1k,
    &op_epoll_100k,
};

/* Never inlined nor merged: each is an address of its own. */
#define MARK(name)                                                                         \
    void name(void);                                                                       \
    __attribute__((noinline)) void name(void) {                                            \
        __asm__ volatile("# " #name ::: "memory");                                         \
    }
MARK(bench_start)
MARK(bench_begin)
MARK(bench_end)

_Noreturn void op_fail(const char *what, int error) {
    fprintf(stderr, "ops: %s: %s\n", what, error ? strerror(error) : "failed");
    _Exit(1);
}

static void run(const struct op *op) {
    if (op->prepare)
        op->prepare(op->count + op->warm);
    if (op->warm)
        op->run(op->warm);
    bench_begin();
    op->run(op->count);
    bench_end();
}

int main(int argc, char **argv) {
    bench_start();
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (argc != 2) {
            printf("%s\t%u\t%lu\n", ops[i]->name, ops[i]->vcpus, ops[i]->count);
        } else if (strcmp(ops[i]->name, argv[1]) == 0) {
            run(ops[i]);
            return 0;
        }
    }
    return argc != 2 ? 0 : 2;
}
