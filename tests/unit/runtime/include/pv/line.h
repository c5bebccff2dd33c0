/* SPDX-License-Identifier: MIT */
/* The runtime's header, with the current thread where a test says it is. */
#ifndef ATMAN_TEST_PV_LINE_H
#define ATMAN_TEST_PV_LINE_H

#define thread_current line_thread_current
#include_next "pv/line.h"
#undef thread_current

struct thread *thread_current(void);

#endif
