/* SPDX-License-Identifier: MIT */
/* Arguments as text, by what arguments.def says they are. */
#ifndef ATMAN_TRACE_ARGUMENTS_H
#define ATMAN_TRACE_ARGUMENTS_H

#include "trace/call.h"

/* Groups, by which calls are chosen, and what else there is to know of a call. */
enum {
    DESC = 1 << 0,
    FILES = 1 << 1,
    MEMORY = 1 << 2,
    SIGNAL = 1 << 3,
    PROCESS = 1 << 4,
    NETWORK = 1 << 5,
    THREAD = 1 << 6,
    TIMES = 1 << 7,
    IDENTITY = 1 << 8,
    WAITS = 1 << 14, /* its nature is to wait */
    RESULT_ADDRESS = 1 << 15,
};

enum trace_kind {
    AS_NUMBER, /* of no known meaning */
    AS_INT,
    AS_LONG,
    AS_SIZE,
    AS_HEX,
    AS_OCTAL,
    AS_ADDRESS,
    AS_FD,
    AS_SIGNAL,
    AS_BYTES, /* as many as the next argument, or the result, says */
    AS_STRING,
    AS_IOVEC,       /* likewise */
    AS_TIME_LEFT,   /* a struct timespec, if the call was interrupted */
    AS_FUTEX_LIMIT, /* a time limit or a number, as the operation has it */
    /* Names: trace/names.c. */
    AS_ADVICE,
    AS_ARCH_PRCTL,
    AS_CLOCK,
    AS_CLONE,
    AS_FCNTL,
    AS_FUTEX,
    AS_IOCTL,
    AS_ITIMER,
    AS_MAP,
    AS_MSYNC,
    AS_OPEN,
    AS_POLICY,
    AS_PRCTL,
    AS_PROT,
    AS_RANDOM,
    AS_REMAP,
    AS_RESOURCE,
    AS_RUSAGE_WHO,
    AS_SIGNAL_HOW,
    AS_TIMER_FLAGS,
    AS_WHENCE,
    AS_NAMES_END,
    /* Addresses of structures: trace/structures.c. */
    AS_INT_AT = AS_NAMES_END,
    AS_INT_PAIR,
    AS_ITIMERSPEC,
    AS_ITIMERVAL,
    AS_LONG_AT,
    AS_RLIMIT,
    AS_RUSAGE,
    AS_SIGACTION,
    AS_SIGEVENT,
    AS_SIGINFO,
    AS_SIGSET,
    AS_STACK,
    AS_STAT,
    AS_SYSINFO,
    AS_TIMESPEC,
    AS_TIMEVAL,
    AS_UTSNAME,
    AS_END,
    OUT = 0x80, /* flag: written by the call */
};

_Static_assert(AS_END <= OUT, "a kind and the flag fit a byte");

struct trace_shape {
    uint16_t groups;
    uint8_t kinds[TRACE_ARGUMENTS]; /* enum trace_kind */
};

/* What arguments.def says of a number below TRACE_CALLS. */
const struct trace_shape *trace_shape(unsigned number);

/* The arguments from run->next up to the first that the call will write. */
void trace_add_arguments(struct trace_run *run);

/* The others, and the end of the list; result is the call's. */
void trace_add_results(struct trace_run *run, long result);

/* May this run wait for something? */
bool trace_may_wait(const struct trace_run *run);

/* A value by its name, or its flags by theirs; kind is one of those that have names. */
void trace_add_name(struct trace_text *text, enum trace_kind kind, unsigned long value);

/* SIGINT, or its number; EINVAL, or its number. */
void trace_add_signal(struct trace_text *text, int signal);
void trace_add_error(struct trace_text *text, int error);

/* What is at address, or the address; kind is one of those that are structures. */
void trace_add_structure(struct trace_text *text, enum trace_kind kind,
                         unsigned long address);

#endif
