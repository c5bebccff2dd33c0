/* SPDX-License-Identifier: MIT */
/*
 * The last words of a program that ends by a fatal signal: what, where, the registers and
 * the chain of calls, on the console's log stream. `atman-run` turns the addresses of the
 * lines that begin with # into names; the shape of the lines is docs/direct-boot.md's.
 */
#ifndef ATMAN_SIGNAL_REPORT_H
#define ATMAN_SIGNAL_REPORT_H

#include "pv/frame.h"

/* The program was in frame when signal struck; what says it in words. */
void report_trap(const char *what, int signal, const struct frame *frame);

/* The program asked for it, by abort() or raise(): the calls that led here. */
void report_call(const char *what, int signal);

/* A signal's name, as in SIGSEGV. */
const char *report_signal_name(int signal);

#endif
