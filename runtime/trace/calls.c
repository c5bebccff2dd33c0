/* SPDX-License-Identifier: MIT */
/*
 * A wrapper for each system call of syscalls.def, under the name by which the C library and
 * the dispatcher call it; the handler itself is untraced_… in these images (the runtime's
 * CMakeLists.txt renames it). An image holds the wrappers of the handlers that it reaches.
 */
#include <sys/syscall.h>

#include "sched/clock.h"
#include "trace/call.h"
#include "trace/trace.h"

static bool begin(struct trace_run *run) {
    bool printed = trace_is_printed(run->call->number);

    run->counted = trace_is_counted(run->call->number);
    if (!printed && !run->counted)
        return false;
    run->start = clock_monotonic();
    if (printed)
        trace_line_begin(run);
    return true;
}

static void end(struct trace_run *run, struct trace_total *total, long result) {
    uint64_t time = clock_monotonic() - run->start;

    if (run->mark)
        trace_line_end(run, result, time);
    if (run->counted)
        trace_total_add(total, run->call, result, time);
}

#define PARAMETERS_0 void
#define PARAMETERS_1 long a
#define PARAMETERS_2 PARAMETERS_1, long b
#define PARAMETERS_3 PARAMETERS_2, long c
#define PARAMETERS_4 PARAMETERS_3, long d
#define PARAMETERS_5 PARAMETERS_4, long e
#define PARAMETERS_6 PARAMETERS_5, long f
#define VALUES_0
#define VALUES_1 a
#define VALUES_2 a, b
#define VALUES_3 a, b, c
#define VALUES_4 a, b, c, d
#define VALUES_5 a, b, c, d, e
#define VALUES_6 a, b, c, d, e, f

#define SYSCALL(number_, name_, count_, handler)                                           \
    long untraced_##handler(PARAMETERS_##count_);                                          \
    long handler(PARAMETERS_##count_);                                                     \
                                                                                           \
    long handler(PARAMETERS_##count_) {                                                    \
        static const struct trace_call call = {                                            \
            .name = #name_, .number = number_, .count = count_};                           \
        static struct trace_total total;                                                   \
        const long values[TRACE_ARGUMENTS] = {VALUES_##count_};                            \
        struct trace_run run;                                                              \
                                                                                           \
        if (!trace_on)                                                                     \
            return untraced_##handler(VALUES_##count_);                                    \
        run.call = &call;                                                                  \
        run.arguments = values;                                                            \
        run.mark = 0;                                                                      \
        bool traced = trace_on && begin(&run);                                             \
        long result = untraced_##handler(VALUES_##count_);                                 \
        if (traced)                                                                        \
            end(&run, &total, result);                                                     \
        return result;                                                                     \
    }
#include "syscalls.def"
#undef SYSCALL

/* Threads begin and end by functions of their own: calls of clone and exit all the same. */
long untraced_atman_clone(int (*run)(void *), void *stack, unsigned long flags,
                          void *argument, int *parent, void *tls, int *child);
_Noreturn void untraced_atman_exit_unmap(void *start, size_t size);
long atman_clone(int (*function)(void *), void *stack, unsigned long flags, void *argument,
                 int *parent, void *tls, int *child);
_Noreturn void atman_exit_unmap(void *start, size_t size);

long atman_clone(int (*function)(void *), void *stack, unsigned long flags, void *argument,
                 int *parent, void *tls, int *child) {
    static const struct trace_call call = {
        .name = "clone", .number = SYS_clone, .count = 5};
    static struct trace_total total;
    const long values[TRACE_ARGUMENTS] = {(long)flags, (long)stack, (long)parent,
                                          (long)child, (long)tls};
    struct trace_run run = {.call = &call, .arguments = values};

    bool traced = trace_on && begin(&run);
    long result =
        untraced_atman_clone(function, stack, flags, argument, parent, tls, child);
    if (traced)
        end(&run, &total, result);
    return result;
}

void atman_exit_unmap(void *start, size_t size) {
    static const struct trace_call call = {.name = "exit", .number = SYS_exit, .count = 1};
    const long values[TRACE_ARGUMENTS] = {0};
    struct trace_run run = {.call = &call, .arguments = values};

    if (trace_on)
        begin(&run);
    untraced_atman_exit_unmap(start, size);
}

void trace_end(void) {
    trace_line_flush();
    trace_total_print();
}
