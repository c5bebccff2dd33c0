/* SPDX-License-Identifier: MIT */
/*
 * atman-run's command line. It is read in one pass and checked completely before anything
 * is started; what the words mean for a guest is decided elsewhere.
 */
#ifndef ATMAN_RUN_RUN_OPTIONS_H
#define ATMAN_RUN_RUN_OPTIONS_H

#include "argv.h"

#include <stdbool.h>
#include <stdint.h>

struct run_options {
    uint64_t kib;          /* the guest's memory */
    unsigned vcpus;        /* its virtual processors */
    struct argv variables; /* its environment: NAME=value */
    int64_t timeout;       /* milliseconds; 0: none */
    bool verbose;          /* Xen's and the runtime's log to stderr */
    const char *log;       /* how much the runtime logs; NULL: as verbose has it */
    const char *trace;     /* system calls to print, to count; NULL: none; as kernel */
    const char *summary;
    struct argv files;   /* folders for the root file system: DIR[:/where] */
    const char *ramdisk; /* an archive for it; NULL: none; as kernel */
    const char *pack;    /* write the ramdisk to this file instead of running */
    const char *cwd;     /* the program's working folder; NULL: the root */
    const char *zone;    /* its time zone; NULL: not said */
    const char *host;    /* what its host is called; NULL: not said */
    bool gdb;            /* wait for a debugger */
    bool xl;             /* as an ordinary domain, wherever that is */
    struct argv disks;   /* FILE[,ro] */
    struct argv nets;    /* interfaces (network.h); ports need one, so there is one then */
    struct argv ports;
    struct argv addresses; /* of the interfaces: what atman.ip says */
    enum config_format {
        CONFIG_NONE,
        CONFIG_XL,
        CONFIG_LIBVIRT
    } print_config;         /* print a configuration instead of running */
    const char *kernel;     /* the image; belongs to main()'s argv */
    char *const *arguments; /* the program's; NULL-terminated; likewise */
};

enum options_result {
    OPTIONS_RUN,  /* go on */
    OPTIONS_DONE, /* help or version was printed */
    OPTIONS_BAD   /* a message was printed */
};

/* Reads main()'s arguments. On OPTIONS_RUN the options are filled in, with defaults where
 * nothing was said; the caller frees with options_free(). */
enum options_result options_read(struct run_options *options, int argc, char **argv);

/* Frees what options_read() allocated. */
void options_free(struct run_options *options);

#endif
