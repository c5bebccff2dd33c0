/* SPDX-License-Identifier: MIT */
/* Numbers as the store writes them. */
#ifndef ATMAN_XENBUS_NUMBER_H
#define ATMAN_XENBUS_NUMBER_H

#include "base.h"

/* A number in decimal, and nothing else; 0 if it is not one, or does not fit. */
uint32_t store_number(const char *text);

#endif
