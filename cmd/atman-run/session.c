/* SPDX-License-Identifier: MIT */
/*
 * One run under QEMU: see session.h. There are three stages. RUNNING lasts until something
 * decides how the run ends; the first decision counts, and QEMU is killed with it. ENDING
 * lasts until all that the guest wrote has been read, LEAVING until our outputs have taken
 * it.
 */
#include "session.h"

#include "clock.h"
#include "debugger.h"
#include "hostterm.h"
#include "install.h"
#include "memory.h"
#include "message.h"
#include "relay.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How long a slow reader may take for the rest after the time limit has struck (ms). */
#define LAST_WORDS 2000

enum stage { RUNNING, ENDING, LEAVING, OVER };

struct session {
    const struct run_options *options;
    struct bed bed;
    struct relay relay;
    int signals;
    enum stage stage;
    int status;       /* valid when no longer RUNNING */
    int64_t deadline; /* on clock.h's clock; 0: none */
};

static void decide(struct session *s, int status) {
    if (s->stage != RUNNING)
        return;
    s->stage = ENDING;
    s->status = status;
    s->deadline = 0;
    child_kill(&s->bed.qemu);
}

/* Reads from the logs whether the run has ended. */
static void judge(struct session *s) {
    const struct relay *relay = &s->relay;

    if (relay->log.exited)
        decide(s, relay->log.status);
    else if (relay->xen.end == XEN_CRASHED)
        decide(s, xenlog_status(&relay->xen));
    else if (relay->xen.end == XEN_HALTED)
        decide(s, 0);
    else if (relay->xen.end == XEN_PANIC || relay->violation)
        decide(s, RUN_FAILED);
}

/* A stdout that takes no more ends the run, as it ends any program. */
static void check_stdout(struct session *s) {
    int error = s->relay.out.error;

    if (!error || s->stage == OVER)
        return;
    if (error != EPIPE)
        message("stdout", "%s", strerror(error));
    decide(s, error == EPIPE ? RUN_SIGNALLED + SIGPIPE : RUN_FAILED);
    s->stage = OVER;
}

static void on_signal(struct session *s) {
    int number = signals_next(s->signals);

    if (number == 0)
        return;
    if (number == SIGTSTP)
        hostterm_stop();
    if (number == SIGCONT)
        hostterm_continue();
    if (number == SIGTSTP || number == SIGCONT || number == SIGWINCH) {
        relay_news(&s->relay, 0);
        return;
    }
    if (number == SIGINT && s->stage == RUNNING && relay_news(&s->relay, number))
        return;
    decide(s, RUN_SIGNALLED + number);
    s->stage = OVER;
}

/* The key that leaves the guest, whatever it does with keys. */
static void check_escape(struct session *s) {
    if (!s->relay.input.escaped || s->stage == OVER)
        return;
    decide(s, RUN_SIGNALLED + SIGINT);
    s->stage = OVER;
}

static void check_deadline(struct session *s) {
    if (s->deadline == 0 || clock_now() < s->deadline)
        return;
    if (s->stage != RUNNING) {
        s->stage = OVER;
        return;
    }
    relay_say(&s->relay, "%s: ended by the time limit", s->options->kernel);
    decide(s, RUN_TIMED_OUT);
    s->deadline = clock_now() + LAST_WORDS;
}

/* Why there is no exit status from the program, for people. */
static void explain(struct session *s) {
    struct relay *relay = &s->relay;
    const char *kernel = s->options->kernel;

    if (relay->log.exited || s->status == RUN_TIMED_OUT)
        return;
    if (relay->noise.length)
        outlet_add(&relay->err, relay->noise.data, relay->noise.length);
    if (relay->violation) {
        relay_say(relay, "%s: shared rings: %s", kernel, relay->violation);
    } else if (relay->xen.end == XEN_CRASHED) {
        relay_say(relay, "%s: %s%s", kernel, xenlog_verdict(&relay->xen),
                  relay->xen.report.length ? ":" : "");
        report_xen(&relay->report, relay->xen.report.data,
                   relay->xen.has_rip ? &relay->xen.rip : NULL);
    } else if (relay->xen.end == XEN_PANIC) {
        relay_say(relay, "%s: Xen could not go on: %s; %s", kernel, relay->xen.reason.data,
                  strstr(relay->xen.reason.data, "too small")
                      ? "give it more memory with -m"
                      : "-v shows its log");
    } else if (relay->xen.end != XEN_HALTED) {
        relay_say(relay, "%s: QEMU ended before %s; -v shows more", kernel,
                  relay->xen.started ? "the program did" : "Xen started");
    }
}

/* Nothing more can come from the guest: judges what came last, says the rest. */
static void ended(struct session *s) {
    hostterm_restore();
    relay_finish(&s->relay);
    judge(s);
    decide(s, RUN_FAILED); /* if nothing else was said */
    explain(s);
    s->stage = LEAVING;
}

static void loop(struct session *s) {
    for (;;) {
        relay_pump(&s->relay);
        judge(s);
        if (s->stage < LEAVING && relay_ended(&s->relay))
            ended(s);
        check_stdout(s);
        check_deadline(s);
        check_escape(s);
        if (s->stage == OVER || (s->stage == LEAVING && relay_drained(&s->relay)))
            return;
        if (relay_wait(&s->relay, s->signals, clock_until(s->deadline)))
            on_signal(s);
    }
}

/* The script that shows gdb the guest's threads, or NULL. */
static char *debugger_script(void) {
    char *root = install_root(INSTALL_BIN);
    char *script = root ? install_path(root, "share/atman/atman-gdb.py") : NULL;

    free(root);
    if (script && access(script, R_OK) < 0) {
        free(script);
        script = NULL;
    }
    return script;
}

static void invite_debugger(struct session *s) {
    struct text text = TEXT_EMPTY;
    char *image, *script;

    if (!s->bed.gdb)
        return;
    image = realpath(s->options->kernel, NULL);
    script = debugger_script();
    debugger_command(&text, s->bed.gdb, script, image ? image : s->options->kernel);
    free(script);
    relay_say(&s->relay, "waiting for a debugger; in another terminal:\n    %s", text.data);
    text_free(&text);
    free(image);
}

int session_run(const struct run_options *options, const char *line) {
    /* Too large for a stack frame; one run a process. */
    static struct session s;

    s = (struct session){.options = options, .signals = signals_open(hostterm_is_there())};
    if (s.signals < 0) {
        message(NULL, "signals: %s", strerror(-s.signals));
        return RUN_FAILED;
    }
    if (options->timeout)
        s.deadline = clock_now() + options->timeout;
    if (!bed_start(&s.bed, options, line)) {
        close(s.signals);
        return RUN_FAILED;
    }
    relay_start(&s.relay, &s.bed, options->kernel, options->verbose);
    invite_debugger(&s);
    loop(&s);
    hostterm_restore();
    relay_free(&s.relay);
    bed_end(&s.bed);
    close(s.signals);
    return s.status;
}
