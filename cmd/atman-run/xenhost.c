/* SPDX-License-Identifier: MIT */
/*
 * One run as an ordinary domain: see xenhost.h. The domain is made paused, its console is
 * opened, and only then does it run: no output is missed. It is kept when it has ended
 * ("preserve"), because its exit status is in its part of xenstore, and then destroyed.
 *
 * The console is opened here and not by `xl console`, which passes no input unless it has a
 * terminal.
 */
#include "xenhost.h"

#include "clock.h"
#include "hostterm.h"
#include "memory.h"
#include "message.h"
#include "ramdisk.h"
#include "session.h"
#include "signals.h"
#include "ttyrelay.h"
#include "xenlog.h"
#include "xlbed.h"
#include "xltool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long the console must be silent after the domain's end: the console daemon passes on
 * at once what it has (ms). */
#define SILENCE 200
/* The same in the bed, where a processor is emulated. */
#define BED_SILENCE 500
/* How long the console daemon may take to make a console (ms). */
#define CONSOLE_WAIT 10000
/* How long xl may take to make a domain that is not wanted any more (ms). */
#define MAKING_WAIT 30000
/* How long the bed may take to end (ms). */
#define CLEANING_WAIT 5000

/* MAKING until xl has made the domain, RUNNING until it has shut down, SILENT until its
 * console has nothing more, LEAVING until our outputs have taken all. */
enum stage { MAKING, RUNNING, SILENT, LEAVING, OVER };

struct xenhost {
    const struct run_options *options;
    struct ramdisk ramdisk;
    struct child xl;
    bool in_bed; /* xl is in a control domain of our own, bed */
    struct xlbed bed;
    bool is_over; /* there xl has ended */
    bool asked;   /* the domain was asked to end */
    int xl_output, signals;
    struct lines xl_lines;
    struct text said; /* what xl has said, in case it fails */
    struct xltool_news news;
    struct ttyrelay relay;
    enum stage stage;
    int status;       /* -1: not known yet */
    int64_t deadline; /* of the run, on clock.h's clock; 0: none */
    int64_t quiet;    /* in stage SILENT: when it is long enough */
};

bool xenhost_is_here(void) {
    FILE *file = fopen("/proc/xen/capabilities", "re");
    char line[256] = "";
    bool here = file && fgets(line, sizeof line, file) && strstr(line, "control_d");

    if (file)
        fclose(file);
    return here;
}

static void take_xl_line(void *context, const char *line) {
    struct xenhost *host = context;

    if (host->in_bed && strcmp(line, "over") == 0) {
        host->is_over = true;
        return;
    }
    xltool_line(&host->news, line);
    if (host->options->verbose)
        ttyrelay_print(&host->relay, line);
    else
        text_addf(&host->said, "%s\n", line);
}

static void finish(struct xenhost *host, enum stage stage, int status) {
    if (host->status < 0)
        host->status = status;
    host->stage = stage;
}

/* Opens the new domain's console and lets it run; in the bed both has been done. */
static void release(struct xenhost *host) {
    int64_t limit = clock_now() + CONSOLE_WAIT;
    int error = -ENOENT;
    char *path;

    if (host->in_bed) {
        /* Before that, it was the machine that started. */
        if (host->options->timeout)
            host->deadline = clock_now() + host->options->timeout;
        host->stage = RUNNING;
        return;
    }
    while (!(path = xltool_console(host->news.domain)) && clock_now() < limit)
        usleep(20 * 1000);
    if (path)
        error = ttyrelay_open(&host->relay, path);
    free(path);
    if (error)
        message(host->options->kernel, "the domain's console: %s; is xenconsoled running?",
                strerror(-error));
    if (error || !xltool_unpause(host->news.domain))
        finish(host, LEAVING, RUN_FAILED);
    else
        host->stage = RUNNING;
}

static int silence(const struct xenhost *host) {
    return host->in_bed ? BED_SILENCE : SILENCE;
}

static void read_xl(struct xenhost *host) {
    char bytes[4096];
    ssize_t n;

    while ((n = read(host->xl_output, bytes, sizeof bytes)) > 0)
        lines_feed(&host->xl_lines, bytes, (size_t)n);
    if (n == 0) {
        close(host->xl_output);
        host->xl_output = host->bed.control = -1;
    }
}

/* What follows from what xl has said. */
static void follow_xl(struct xenhost *host) {
    if (host->stage == MAKING && host->news.made)
        release(host);
    if (host->stage == MAKING && (host->xl_output < 0 || host->is_over)) {
        if (!host->in_bed || host->is_over) /* else the bed has said what is wrong */
            message(host->options->kernel, "xl could not make a domain of it");
        fputs(host->said.data ? host->said.data : "", stderr);
        finish(host, LEAVING, RUN_FAILED);
    }
    if (host->stage == RUNNING && (host->news.shut_down || host->xl_output < 0)) {
        host->stage = SILENT;
        host->quiet = clock_now() + silence(host);
    }
}

static void check_limits(struct xenhost *host) {
    int error = host->relay.out.error;

    if (host->deadline && clock_now() >= host->deadline && host->stage < SILENT) {
        message(host->options->kernel, "ended by the time limit");
        finish(host, LEAVING, RUN_TIMED_OUT);
    }
    if (host->stage == SILENT && host->relay.heard)
        host->quiet = clock_now() + silence(host);
    if (host->stage == SILENT && clock_now() >= host->quiet)
        host->stage = LEAVING;
    if (error && error != EPIPE)
        message("stdout", "%s", strerror(error));
    if (error)
        finish(host, OVER, error == EPIPE ? RUN_SIGNALLED + SIGPIPE : RUN_FAILED);
}

/* A second time, or if it has no chance, the domain just ends. */
static bool ask_to_end(struct xenhost *host) {
    if (host->stage != RUNNING || host->asked)
        return false;
    host->asked = true;
    if (host->in_bed)
        xlbed_shutdown(&host->bed);
    else
        xltool_shutdown(host->news.domain);
    return true;
}

/* A new size of the window cannot be told there. */
static void on_signal(struct xenhost *host, int signal) {
    if (signal == SIGINT && ask_to_end(host))
        return;
    if (signal == SIGTSTP)
        hostterm_stop();
    else if (signal == SIGCONT)
        hostterm_continue();
    else if (signal != SIGWINCH)
        finish(host, OVER, RUN_SIGNALLED + signal);
}

static void turn(struct xenhost *host) {
    const int wake[2] = {host->signals, host->xl_output};
    int64_t until = host->stage == SILENT ? host->quiet : host->deadline;
    bool ready[2];
    int signal;

    ttyrelay_wait(&host->relay, wake, ready,
                  clock_until(host->stage == LEAVING ? 0 : until));
    if (ready[0] && (signal = signals_next(host->signals)))
        on_signal(host, signal);
    if (host->relay.input.escaped)
        finish(host, OVER, RUN_SIGNALLED + SIGINT);
    if (ready[1])
        read_xl(host);
    if (host->stage < LEAVING)
        follow_xl(host);
    check_limits(host);
}

/* The status of a domain that left none: it crashed, or it is no image of ours. */
static int guess_status(struct xenhost *host, const char *log) {
    enum { SHUTDOWN_CRASH = 3 }; /* xen/include/public/sched.h */
    struct xenlog xen;
    char *line;
    int status;

    if (host->news.reason != SHUTDOWN_CRASH)
        return host->news.shut_down ? 0 : RUN_FAILED;
    xenlog_init(&xen, host->news.domain, NULL, NULL);
    if (log)
        xenlog_feed(&xen, log, strlen(log));
    xenlog_end(&xen);
    line = must_format("atman-run: %s: %s%s", host->options->kernel, xenlog_verdict(&xen),
                       xen.report.length ? ":" : "");
    ttyrelay_print(&host->relay, line);
    free(line);
    report_xen(&host->relay.report, xen.report.data, xen.has_rip ? &xen.rip : NULL);
    status = xenlog_status(&xen);
    xenlog_free(&xen);
    return status;
}

/* What the domain, which has shut down, has left. */
static int left_status(struct xenhost *host) {
    struct text said = TEXT_EMPTY;
    char *log = NULL;
    int status;

    if (host->in_bed)
        status = xlbed_finish(&host->bed, &said);
    else
        status = xltool_exit_status(host->news.domain);
    if (status < 0 && !host->in_bed)
        log = xltool_dmesg();
    if (status < 0)
        status = guess_status(host, host->in_bed ? said.data : log);
    free(log);
    text_free(&said);
    return status;
}

/* The domain's end: its status, then the domain itself. If we are to end before xl has made
 * it, it must be waited for: a domain that is half made stays. */
static void close_domain(struct xenhost *host) {
    while (!host->in_bed && !host->news.made && host->xl_output >= 0 &&
           poll(&(struct pollfd){host->xl_output, POLLIN, 0}, 1, MAKING_WAIT) > 0)
        read_xl(host);
    if (host->news.made) {
        if (host->status < 0)
            host->status = left_status(host);
        if (!host->in_bed)
            xltool_destroy(host->news.domain);
    }
    if (host->in_bed && host->xl_output >= 0) { /* at its end the bed cleans up */
        close(host->xl_output);
        host->xl_output = -1;
        poll(&(struct pollfd){host->xl.pidfd, POLLIN, 0}, 1, CLEANING_WAIT);
    }
    child_kill(&host->xl);
    child_reap(&host->xl);
}

static void run(struct xenhost *host) {
    while (host->stage < LEAVING)
        turn(host);
    hostterm_restore();
    ttyrelay_finish(&host->relay);
    close_domain(host);
    while (host->stage == LEAVING && !ttyrelay_drained(&host->relay))
        turn(host);
}

static bool make_in_bed(struct xenhost *host, const struct xlconfig *config) {
    if (!xlbed_create(&host->bed, &host->xl, config))
        return false;
    host->xl_output = host->bed.control;
    ttyrelay_take(&host->relay, host->bed.console);
    return true;
}

static bool make(struct xenhost *host, const char *line) {
    const struct run_options *options = host->options;
    struct text name = TEXT_EMPTY;
    char *path = realpath(options->kernel, NULL), *ramdisk = NULL;
    struct xlconfig config;
    bool ok;

    /* Of this process, which lasts longer than any that xl may start. */
    if (host->ramdisk.fd >= 0)
        ramdisk = must_format("/proc/%ld/fd/%d", (long)getpid(), host->ramdisk.fd);

    xlconfig_name(&name, options->kernel);
    text_addf(&name, ".%ld", (long)getpid()); /* xl wants names to differ */
    config = (struct xlconfig){.name = name.data,
                               .kernel = path ? path : options->kernel,
                               .ramdisk = ramdisk,
                               .extra = line,
                               .kib = options->kib,
                               .vcpus = options->vcpus,
                               .disks = options->disks.words,
                               .nets = options->nets.words,
                               .ports = options->ports.words,
                               .preserve = true};
    if (host->in_bed)
        ok = make_in_bed(host, &config);
    else
        ok = xltool_create(&host->xl, &host->xl_output, &config);
    text_free(&name);
    free(path);
    free(ramdisk);
    return ok;
}

static bool may_run(const struct xenhost *host) {
    if (host->in_bed || geteuid() == 0)
        return true;
    message("xl", "needs the rights of root: sudo atman-run ...");
    return false;
}

int xenhost_run(const struct run_options *options, const char *line) {
    static struct xenhost host; /* too large for a stack frame; one run a process */

    host = (struct xenhost){.options = options,
                            .status = -1,
                            .in_bed = !xenhost_is_here(),
                            .signals = signals_open(hostterm_is_there())};
    host.xl_output = -1;
    host.xl_lines.take = take_xl_line;
    host.xl_lines.context = &host;
    if (options->timeout && !host.in_bed)
        host.deadline = clock_now() + options->timeout;
    ttyrelay_start(&host.relay, options->kernel);
    if (may_run(&host) && ramdisk_make(&host.ramdisk, options) &&
        ramdisk_fits(&host.ramdisk, options->kib) && make(&host, line))
        run(&host);
    else
        host.status = RUN_FAILED;
    ttyrelay_free(&host.relay);
    if (host.xl_output >= 0)
        close(host.xl_output);
    ramdisk_close(&host.ramdisk);
    text_free(&host.xl_lines.partial);
    text_free(&host.said);
    close(host.signals);
    return host.status;
}
