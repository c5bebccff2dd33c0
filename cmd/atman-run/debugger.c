/* SPDX-License-Identifier: MIT */
/*
 * The meeting point with a debugger: see debugger.h.
 */
#include "debugger.h"

#include "memory.h"
#include "message.h"
#include "quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A folder only for us, as a new string, or NULL. A socket's path is limited to 107 bytes:
 * in a very deep TMPDIR there is no room for one. */
static char *private_folder(void) {
    const char *base = getenv("TMPDIR");
    char *folder;

    if (!base || !*base || strlen(base) > 80)
        base = "/tmp";
    folder = must_format("%s/atman-run.XXXXXX", base);
    if (mkdtemp(folder))
        return folder;
    message(folder, "no private folder for the debugger's socket: %s", strerror(errno));
    free(folder);
    return NULL;
}

int debugger_listen(char **path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *folder = private_folder();
    int fd;

    *path = NULL;
    if (!folder)
        return -1;
    *path = must_format("%s/gdb", folder);
    free(folder);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", *path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, 1) == 0)
        return fd;
    message(*path, "no socket for the debugger: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    debugger_remove(path);
    return -1;
}

void debugger_remove(char **path) {
    if (!*path)
        return;
    unlink(*path);
    *strrchr(*path, '/') = '\0';
    rmdir(*path);
    free(*path);
    *path = NULL;
}

void debugger_command(struct text *text, const char *path, const char *script,
                      const char *image) {
    char *target = must_format("target remote %s", path);

    /* The guest's code does not exist before Xen has loaded it: a breakpoint that is
     * written to memory would be overwritten, one of the (virtual) processor stays. */
    text_adds(text, "gdb ");
    if (script) {
        text_adds(text, "-x ");
        quote_word(text, script);
        text_adds(text, " ");
    }
    text_adds(text, "-ex ");
    quote_word(text, target);
    text_adds(text, " -ex 'hbreak main' -ex continue ");
    quote_word(text, image);
    free(target);
}
