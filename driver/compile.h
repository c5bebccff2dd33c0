/* SPDX-License-Identifier: MIT */
/*
 * The compile plan: from what the user wrote to the one run of clang that does it. The plan
 * is a pure function of the command line and the toolchain folder; no file is written.
 */
#ifndef ATMAN_DRIVER_COMPILE_H
#define ATMAN_DRIVER_COMPILE_H

#include "argv.h"

enum compile_request {
    COMPILE_RUN,     /* run clang */
    COMPILE_HELP,    /* --help */
    COMPILE_VERSION, /* --version */
    COMPILE_SYSROOT, /* -print-sysroot, which clang does not know */
    COMPILE_REFUSED  /* something that cannot be done; a message was printed */
};

/* Reads the user's words (argv[1...], response files included) and appends those that clang
 * is to see to `words`. What the caller must do is returned. */
enum compile_request compile_read(char *const *user, struct argv *words);

/* Appends to `command` the whole command line of clang for these words: clang is its path,
 * root the toolchain folder. */
void compile_plan(const char *clang, const char *root, const struct argv *words,
                  struct argv *command);

/* A line with -c that translates assembly and other sources is two runs of clang: true
 * then, and the words of each are appended. The one for assembly is planned otherwise, so
 * that what it makes is known as a guest's. */
bool compile_split(const struct argv *words, struct argv *others, struct argv *assembly);

/* What -o names in these words, or NULL. The string is the list's. */
const char *compile_output(const struct argv *words);

/* Do these words ask for a link, and not only for -c, -S, -E or the like? */
bool compile_links(const struct argv *words);

/* Removes from this process's environment the variables by which the host's compiler
 * settings would leak into a guest. */
void compile_clean_environment(void);

/* Prints what `atman-cc --version` says, to stdout: clang's own version lines, so that
 * build systems recognise the compiler, then Atman's version and the sysroot's
 * identification. Never fails: what cannot be found out is named as missing. */
void compile_print_version(const char *root);

#endif
