/* SPDX-License-Identifier: MIT */
/*
 * The keeper: a thread of the runtime's own, there from the first file on a device on. It
 * starts what faults wait for, which cannot do that themselves, and writes what has been
 * dirty for KEEPER_AGE or has become too much.
 */
#ifndef ATMAN_FS_KEEPER_H
#define ATMAN_FS_KEEPER_H

#include "base.h"

#define KEEPER_AGE (5 * NS_PER_SEC)

/* -ENOMEM: it could not be made. May be called again. */
long keeper_start(void);

/* There is something new to do. Under pagewait_lock, or without. */
void keeper_wake(void);

/* What it does again and again: one thing, or a sleep. */
void keeper_turn(void);

#endif
