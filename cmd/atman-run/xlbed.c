/* SPDX-License-Identifier: MIT */
/*
 * The control domain in QEMU: see xlbed.h.
 */
#include "xlbed.h"

#include "clock.h"
#include "install.h"
#include "lines.h"
#include "memory.h"
#include "message.h"
#include "network.h"
#include "size.h"
#include "xltool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long the other side may take to answer (ms). */
#define ANSWER_WAIT 60000

/* The programs' folder, as a new string, or NULL. */
static char *programs(void) {
    char *root = install_root(INSTALL_BIN);
    char *path = root ? install_path(root, "share/atman/xl/bed") : NULL;

    free(root);
    if (path && access(path, R_OK) == 0)
        return path;
    message(path ? path : "--xl", "%s; install Atman again", strerror(errno));
    free(path);
    return NULL;
}

/* QEMU opens them; relative names are ours. */
static void push_disks(struct argv *words, char *const *specs) {
    for (; specs && *specs; specs++) {
        bool read_only;
        char *file = xlconfig_disk(*specs, &read_only);

        argv_pushf(words, "--disk=%s%s", file, read_only ? ",ro" : "");
        free(file);
    }
}

static void push_ports(struct argv *words, char *const *specs) {
    for (; specs && *specs; specs++) {
        char *port = network_port(*specs);

        argv_pushf(words, "--publish=%s", port);
        free(port);
    }
}

static bool command(struct argv *words, const struct xlconfig *config, int file) {
    char *python = path_search("python3"), *path = NULL;

    if (!python)
        message("python3", "not found in PATH; --xl needs it; apt-get install python3");
    else
        path = programs();
    if (path) {
        /* Whose packages and caches are not wanted there. */
        argv_push_all(words, (char *[]){python, "-I", "-B", path, "user", NULL});
        argv_pushf(words, "--config=/proc/%ld/fd/%d", (long)getpid(), file);
        if (config->ramdisk)
            argv_pushf(words, "--ramdisk=%s", config->ramdisk);
        push_disks(words, config->disks);
        push_ports(words, config->ports);
        argv_push_all(words, (char *[]){"--", (char *)config->kernel, NULL});
    }
    free(path);
    free(python);
    return words->count > 0;
}

bool xlbed_create(struct xlbed *bed, struct child *child, const struct xlconfig *config) {
    struct argv words = ARGV_EMPTY;
    int file = xltool_config(config), control[2] = {-1, -1}, console[2] = {-1, -1};
    int error = 0;

    *bed = (struct xlbed){-1, -1};
    if (file < 0 || !command(&words, config, file))
        error = -ENOENT; /* it has said why */
    else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) < 0 ||
             socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, console) < 0)
        error = -errno;
    else
        error = child_start(child, &words, (int[]){control[1], console[1], STDERR_FILENO});
    if (error && words.count)
        message("python3", "cannot be run: %s", strerror(-error));
    for (int i = error ? 0 : 1; i < 2; i++) {
        if (control[i] >= 0)
            close(control[i]);
        if (console[i] >= 0)
            close(console[i]);
    }
    argv_free(&words);
    /* The file is read later, by our name for it: it stays open. */
    if (error)
        return false;
    *bed = (struct xlbed){control[0], console[0]};
    fcntl(bed->control, F_SETFL, O_NONBLOCK);
    fcntl(bed->console, F_SETFL, O_NONBLOCK);
    return true;
}

static void ask(const struct xlbed *bed, const char *request) {
    /* A few bytes fit; if nobody is there, no answer will come. */
    (void)!send(bed->control, request, strlen(request), MSG_NOSIGNAL);
}

void xlbed_shutdown(const struct xlbed *bed) {
    ask(bed, "shutdown\n");
}

struct answer {
    struct text *log;
    int status;
    bool is_whole;
};

static void take_answer(void *context, const char *line) {
    struct answer *answer = context;
    unsigned status;

    if (strcmp(line, "end") == 0)
        answer->is_whole = true;
    else if (strncmp(line, "xen ", 4) == 0)
        text_addf(answer->log, "%s\n", line + 4);
    else if (strncmp(line, "status ", 7) == 0 && count_parse(line + 7, 0, 255, &status))
        answer->status = (int)status;
}

int xlbed_finish(const struct xlbed *bed, struct text *log) {
    struct answer answer = {.log = log, .status = -1};
    struct lines lines = {.take = take_answer, .context = &answer};
    int64_t limit = clock_now() + ANSWER_WAIT;
    char bytes[4096];
    ssize_t n = 1;

    if (bed->control < 0)
        return -1;
    ask(bed, "finish\n");
    while (!answer.is_whole && n != 0 &&
           poll(&(struct pollfd){bed->control, POLLIN, 0}, 1, clock_until(limit)) > 0) {
        n = read(bed->control, bytes, sizeof bytes);
        if (n > 0)
            lines_feed(&lines, bytes, (size_t)n);
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            n = 0;
    }
    text_free(&lines.partial);
    return answer.status;
}
