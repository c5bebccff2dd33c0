/* SPDX-License-Identifier: MIT */
/*
 * What the domain's command line says: `atman.…=` words configure the runtime, all others
 * are the program's arguments. Once the word `--` was seen, every word is an argument.
 *
 *   atman.name=TEXT        argv[0]
 *   atman.env=NAME=VALUE   into the environment; may be repeated
 *   atman.cwd=PATH         the working folder, an absolute path
 *   atman.hostname=NAME    what gethostname says
 *   atman.tz=ZONE          TZ in the environment, unless that is given
 *   atman.ip=ADDRESS       of an interface: net/setup.h; may be repeated
 *   atman.log=LEVEL        error, warn, info or debug
 *   atman.shutdown=SIGNAL  term or int: what `xl shutdown` and `xl reboot` send
 *   atman.shutdown-limit=N seconds until they end the program that handles it
 *   atman.stack=SIZE       of the main thread: bytes, or with K or M behind
 *   atman.tty=COLUMNSxROWS the console is a terminal of that size
 *   atman.relay=1          atman-run is behind it, and reads `\x01terminal\n` on the
 * console atman.trace=SET        system calls that are printed, atman.summary=SET: counted;
 *                          trace/trace.h; only in images linked with -fatman-trace
 *   atman.ports=1          the machine has atman-run's devices
 *   atman.rings=1          and shared rings for input and output beside them
 *   atman.join=1           standard error goes where standard output goes, in its order
 */
#ifndef ATMAN_INIT_CONFIG_H
#define ATMAN_INIT_CONFIG_H

#include "base.h"

enum { CONFIG_ADDRESSES = 8 };
enum { CONFIG_WORDS = 513 }; /* of a line of 1,023 bytes, and the name before them */

struct config {
    bool use_ports, use_rings, join_errors;
    bool is_terminal, is_relayed;
    bool shutdown_by_interrupt; /* SIGINT, not SIGTERM */
    unsigned shutdown_limit;    /* seconds; 0: not said */
    uint16_t terminal_columns, terminal_rows;
    const char *cwd;       /* NULL: the root */
    size_t stack_size;     /* bytes; 0: not said */
    const char *host_name; /* NULL: not said, as the next one */
    const char *zone;      /* "TZ=…" */
    const char *unknown;   /* the first atman.… word that means nothing, NULL if none */
    const char *addresses[CONFIG_ADDRESSES]; /* NULL from the first that is not said on */
    unsigned argc, envc;
    const char **argv, **envp; /* argc and envc entries, not ended by NULL */
};

extern struct config config;

/*
 * Reads line, which is overwritten and must last as long as the program does. words has
 * room for CONFIG_WORDS pointers and lasts as long.
 */
void config_read(char *line, const char **words);

#endif
