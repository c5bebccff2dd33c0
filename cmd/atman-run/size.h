/* SPDX-License-Identifier: MIT */
/*
 * Amounts as people write them on the command line: memory ("64M", "1G", "20000K") and
 * times ("2", "0.5"). Anything but a whole, in-range amount is refused, never rounded to
 * something else.
 */
#ifndef ATMAN_RUN_SIZE_H
#define ATMAN_RUN_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a memory size: digits and one of K, M, G (either case; powers of 1024); without a
 * letter the digits count mebibytes. Sets *kib to kibibytes, at least 1 and at most
 * SIZE_MAX_KIB. Returns false, *kib unchanged, for anything else. */
bool size_parse(const char *text, uint64_t *kib);

/* One tebibyte: more than Xen gives a PV domain on any machine that we run. */
#define SIZE_MAX_KIB (UINT64_C(1) << 30)

/* Parses a time in seconds, with a fraction if there is one, into milliseconds: more than
 * 0, at most a year. A part of a millisecond is rounded up. False as above. */
bool seconds_parse(const char *text, int64_t *milliseconds);

/* Parses a plain decimal count in low..high. False as above. */
bool count_parse(const char *text, unsigned low, unsigned high, unsigned *count);

#endif
