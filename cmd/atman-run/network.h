/* SPDX-License-Identifier: MIT */
/*
 * A guest's network as people write it on the command line: interfaces in xl's words, and
 * ports of this machine that lead to the guest's.
 */
#ifndef ATMAN_RUN_NETWORK_H
#define ATMAN_RUN_NETWORK_H

#include "text.h"

#include <stdbool.h>

/* An interface, KEY=VALUE with commas between (xl-network-configuration(5)) or "": is it
 * one? If not, a message was printed. */
bool network_is_interface(const char *spec);

/* The same for a port: [ADDRESS:]PORT:GUESTPORT[/tcp or /udp]. */
bool network_is_port(const char *spec);

/* The port as the bed takes it: "tcp:127.0.0.1:8080:80", a new string. */
char *network_port(const char *spec);

/* Appends the interface as libvirt's XML. False, with a message, if it has a word that
 * libvirt knows no counterpart of. */
bool network_write_xml(struct text *text, const char *spec);

#endif
