/* SPDX-License-Identifier: MIT */
/*
 * The link plan: from the flat line that clang (or a user) gives ld.atman to the run of lld
 * that makes an image. A pure function of the line and the toolchain folder.
 */
#ifndef ATMAN_DRIVER_LINK_H
#define ATMAN_DRIVER_LINK_H

#include "argv.h"

#include <stdint.h>

struct link_plan {
    struct argv words;   /* the user's, for lld: response files expanded, rules applied */
    char *output;        /* what -o names, or a.out */
    bool links;          /* there are inputs: something is linked (else: --version, ...) */
    bool help;           /* the linker is asked what it can do */
    bool image;          /* what is linked is an image, no relocatable object (-r) */
    uint64_t stack_size; /* -z stack-size=N, bytes; 0: not given */
    bool own_script;     /* the user brings a linker script (-T) */
    bool debug;          /* --atman-debug: the runtime that checks itself */
    bool verbose;        /* --atman-verbose: say what was done beyond linking */
    bool dispatcher;     /* for link_command(): the dispatcher is to be linked, too */
    bool guest_only;     /* --no-atman-process: started as a process it says what it is */
    bool trace;          /* --atman-trace: the runtime that traces system calls */
    struct argv files;   /* --atman-files=DIR[:/where]: folders to go into the image */
    int files_object;    /* for link_command(): the object with them, or -1 */
    bool foreign;        /* --atman-foreign: objects that others compiled are welcome */
    bool why_extract;    /* the user wants --why-extract for himself */
    char *extracted;     /* for link_command(): the file in which lld is to say what it
                            took from archives, or NULL */
};

/* Reads the line (argv[1...]). Returns false, after a message, if it asks for something
 * that cannot be done. The plan must be freed either way. */
bool link_read(char *const *user, struct link_plan *plan);

/* Appends lld's whole command line: lld is its path, root the toolchain folder. What makes
 * an image comes before the user's words, so that theirs win; the sysroot's folder comes
 * after the user's folders. A trailing `-o` never gets one of ours for its value. */
void link_command(const struct link_plan *plan, const char *lld, const char *root,
                  struct argv *command);

void link_plan_free(struct link_plan *plan);

#endif
