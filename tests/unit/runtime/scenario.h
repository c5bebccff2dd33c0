/* SPDX-License-Identifier: MIT */
/*
 * One run of a piece of the runtime from its start. The runtime's state is static and set
 * up once, so every scenario is a process of its own.
 */
#ifndef ATMAN_TEST_SCENARIO_H
#define ATMAN_TEST_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Runs body count times, each in a child process and with random numbers of its own, all
 * derived from seed. A body that is
 * not content leaves through REQUIRE. False if a child did so, crashed or used more than
 * ten seconds of processor time; the first one is named and the last one run.
 */
bool scenario_run(const char *name, void (*body)(void), unsigned count, uint64_t seed);

#endif
