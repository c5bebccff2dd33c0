/* SPDX-License-Identifier: MIT */
/*
 * Xen's command-line tools: see xltool.h. The wording of xl's messages is that of Xen 4.17
 * (tools/xl/xl_vmcontrol.c).
 */
#include "xltool.h"

#include "install.h"
#include "memory.h"
#include "message.h"
#include "process.h"
#include "size.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One of Xen's tools as a command, or false with a message that says how to get it. */
static bool tool(struct argv *command, const char *name, const char *package) {
    char *path = path_search(name);

    if (!path) {
        message(name, "not found in PATH; apt-get install %s", package);
        return false;
    }
    argv_push(command, path);
    free(path);
    return true;
}

/* xl wants a file that it can read as a whole. */
int xltool_config(const struct xlconfig *config) {
    struct text text = TEXT_EMPTY;
    int fd = memfd_create("atman-run", 0);
    bool ok;

    xlconfig_write(&text, config);
    ok = fd >= 0 && write(fd, text.data, text.length) == (ssize_t)text.length;
    text_free(&text);
    if (ok)
        return fd;
    message(NULL, "configuration for xl: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Runs the command with its output in a pipe. Returns the pipe's end, or -1. */
static int start(struct child *xl, const struct argv *command) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), ends[2];
    int error = 0;

    if (nothing < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        error = -errno;
    } else {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        error = child_start(xl, command, (int[]){nothing, ends[1], ends[1]});
        close(ends[1]);
        if (error)
            close(ends[0]);
    }
    if (nothing >= 0)
        close(nothing);
    if (error)
        message("xl", "cannot be run: %s", strerror(-error));
    return error ? -1 : ends[0];
}

bool xltool_create(struct child *xl, int *output, const struct xlconfig *config) {
    struct argv command = ARGV_EMPTY;
    int file = -1;

    *output = -1;
    if (tool(&command, "xl", "xen-utils-common"))
        file = xltool_config(config);
    if (file >= 0) {
        argv_push_all(&command, (char *[]){"create", "-F", "-p", "-q", NULL});
        argv_pushf(&command, "/proc/self/fd/%d", file);
        *output = start(xl, &command);
        close(file);
    }
    argv_free(&command);
    return *output >= 0;
}

void xltool_line(struct xltool_news *news, const char *line) {
    const char *domain = strstr(line, "(domid ");
    const char *reason = strstr(line, "has shut down, reason code ");

    if (domain && strncmp(line, "Waiting for domain ", 19) == 0)
        news->made = sscanf(domain, "(domid %u)", &news->domain) == 1;
    if (reason)
        news->shut_down =
            sscanf(reason, "has shut down, reason code %u", &news->reason) == 1;
}

/* Runs a tool with one word or two (NULL: no second). Returns what it prints, which the
 * caller frees, or NULL if it failed. */
static char *ask(const char *name, const char *package, const char *word,
                 const char *second) {
    struct argv command = ARGV_EMPTY;
    char *answer = NULL;
    int status = -1;

    if (!tool(&command, name, package))
        return NULL;
    argv_push(&command, word);
    if (second)
        argv_push(&command, second);
    if (process_capture(&command, &answer, &status) < 0)
        answer = NULL;
    argv_free(&command);
    if (answer && status == 0)
        return answer;
    free(answer);
    return NULL;
}

static char *ask_xl(const char *verb, unsigned domain) {
    char number[16];

    snprintf(number, sizeof number, "%u", domain);
    return ask("xl", "xen-utils-common", verb, number);
}

/* A value in a folder of the domain's part of xenstore. The folder exists: a listing does
 * not complain about a key that is not there yet. */
static char *ask_store(unsigned domain, const char *folder, const char *key) {
    char *path = must_format("/local/domain/%u/%s", domain, folder);
    char *listing = ask("xenstore-ls", "xenstore-utils", path, NULL);
    char *value = listing ? xltool_value(listing, key) : NULL;

    free(listing);
    free(path);
    return value;
}

void xltool_shutdown(unsigned domain) {
    free(ask_xl("shutdown", domain));
}

bool xltool_unpause(unsigned domain) {
    char *answer = ask_xl("unpause", domain);

    free(answer);
    return answer != NULL;
}

void xltool_destroy(unsigned domain) {
    free(ask_xl("destroy", domain));
}

char *xltool_console(unsigned domain) {
    return ask_store(domain, "console", "tty");
}

int xltool_exit_status(unsigned domain) {
    char *value = ask_store(domain, "data", "exit-status");
    unsigned status;
    bool ok = value && count_parse(value, 0, 255, &status);

    free(value);
    return ok ? (int)status : -1;
}

char *xltool_dmesg(void) {
    return ask("xl", "xen-utils-common", "dmesg", NULL);
}

char *xltool_value(const char *listing, const char *key) {
    char *start = must_format("%s = \"", key);
    const char *line = listing;
    char *value = NULL;

    while (*line && !value) {
        const char *end = strchrnul(line, '\n');
        const char *word = line + strspn(line, " ");

        if (strncmp(word, start, strlen(start)) == 0) {
            word += strlen(start);
            value = must_copy_part(word, strcspn(word, "\"\n"));
        }
        line = *end ? end + 1 : end;
    }
    free(start);
    return value;
}
