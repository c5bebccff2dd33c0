/* SPDX-License-Identifier: MIT */
/*
 * The domain's console: where standard input comes from and output goes to. Which of
 * three it is depends on how the domain was started:
 *
 * - an ordinary domain has a ring that it shares with the toolstack;
 * - the first domain has the hypervisor's console, in common with Xen's own log;
 * - under `atman-run` without a Xen host it has devices of the emulated machine
 *   (ports.h, channel.h), which keep output, errors and the runtime's log apart.
 */
#ifndef ATMAN_CONSOLE_CONSOLE_H
#define ATMAN_CONSOLE_CONSOLE_H

#include "base.h"
#include "xen/lock.h"

enum console_stream { CONSOLE_OUT, CONSOLE_ERR, CONSOLE_LOG };

/*
 * use_ports: the machine has atman-run's devices; use_channel: and atman-run reads the
 * rings of console/channel.h; join_errors: and what is written to CONSOLE_ERR stands among
 * what is written to CONSOLE_OUT. Before it is called, Xen's console is used.
 */
void console_init(bool use_ports, bool use_channel, bool join_errors);

/* To be called on each further vCPU: the console's devices may be used there from then on.
 */
void console_start_vcpu(void);

/*
 * The program's data, or the runtime's. Returns when everything is accepted, and waits for
 * room as long as that takes. The number of bytes, which is less if a signal or a bad
 * pointer was in the way; if there are none, -EINTR or -EFAULT. No locks may be held, for
 * the log none of a rank from LOCK_CONSOLE on.
 */
long console_write(enum console_stream stream, const void *data, size_t size);

/*
 * A line of the runtime's own, its end included. May be called anywhere: it waits in the
 * hypervisor if at all, and not for ever. Lines of several vCPUs do not mix.
 */
void console_log(const char *line, size_t size);

/*
 * Reads what there is, at least one byte, at most size (not 0); waits for the first.
 * Returns the number of bytes, 0 at the end of the input, -EINTR or -EFAULT.
 */
long console_read(void *buffer, size_t size);

/* LOCK_CONSOLE: for each look at what is shared with the other side. */
extern struct lock console_lock;

/* Returns when the other side has taken everything. Gives up after a few seconds. */
void console_drain(void);

/*
 * Tells whoever started the domain what the program's exit status is, as far as the
 * console can carry that; then ends the emulated machine, if it is one.
 */
void console_exit(unsigned status);

#endif
