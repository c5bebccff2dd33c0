/* SPDX-License-Identifier: MIT */
/*
 * What a terminal shows: the discipline's own keys and marks, into its ring of echo. Where
 * the cursor is then is known as far as output went through here.
 */
#ifndef ATMAN_FS_DISCIPLINE_ECHO_H
#define ATMAN_FS_DISCIPLINE_ECHO_H

#include "fs/discipline.h"

/* A key, a control character as ^X if so set. */
void echo_key(struct discipline *d, uint8_t c);

/* A byte that goes the way of output. */
void echo_raw(struct discipline *d, uint8_t c);

/* Takes back a character; moves back over some columns. */
void echo_erase(struct discipline *d);
void echo_back(struct discipline *d, unsigned columns);

/* What was not shown yet will not be. */
void echo_flush(struct discipline *d);

#endif
