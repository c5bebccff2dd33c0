/* SPDX-License-Identifier: MIT */
/*
 * A store in memory and a kind of devices, around xenbus/frontend.c. The kind ends the test
 * if it is called out of turn.
 */
#ifndef ATMAN_TEST_FRONTENDS_H
#define ATMAN_TEST_FRONTENDS_H

#include "xenbus/frontend.h"

extern struct frontend_class frontends_class;
extern struct frontend_ops frontends_ops;

/* What happened to devices so far. */
extern struct frontends_counts {
    unsigned adds, makes, connects, looks, disconnects, fails, removes;
    unsigned shared, connected; /* now */
} frontends_counts;

/* The next calls of make (connect, look) fail with that. */
extern long frontends_make_error, frontends_connect_error, frontends_look_error;
extern unsigned frontends_make_errors; /* so many of them */

/* The store answers with that, if it is not 0. */
extern long frontends_store_error;

/* Empty, with nobody watching. Devices that are left go. */
void frontends_reset(void);

/* A node, as the other end or the toolstack writes it; NULL: it goes, with all below. */
void frontends_set(const char *path, const char *value);

/* NULL: there is none. */
const char *frontends_get(const char *path);

/* What watches have run, until there is no event. */
void frontends_run(void);

/* The first device, or NULL. */
struct frontend *frontends_first(void);

#endif
