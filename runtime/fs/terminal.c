/* SPDX-License-Identifier: MIT */
/* Keys and echo, and what comes of them: see terminal.h. */
#include "fs/terminal.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>

#include "console/listen.h"
#include "init/config.h"
#include "sched/mutex.h"
#include "signal/signal.h"

struct terminal terminal = {.lock = LOCK_INIT(LOCK_OBJECT)};
struct ready terminal_ready = {.lock = LOCK_INIT(LOCK_READY)};

static void show_echo(void) {
    struct terminal *t = &terminal;

    for (;;) {
        if (t->shown_at == t->shown_size) {
            t->shown_at = 0;
            t->shown_size =
                (unsigned)discipline_echo(&t->discipline, t->shown, sizeof t->shown);
        }
        if (!t->shown_size)
            return;
        long n =
            console_show((const char *)t->shown + t->shown_at, t->shown_size - t->shown_at);
        if (n <= 0)
            return;
        t->shown_at += (unsigned)n;
    }
}

/* More keys, if all before are taken. False: there are none. */
static bool fetch(void) {
    struct terminal *t = &terminal;
    long n = t->has_ended ? 0 : console_take((char *)t->held, sizeof t->held);

    t->has_ended |= n == 0;
    t->held_at = 0;
    t->held_size = n > 0 ? (unsigned)n : 0;
    return t->held_size;
}

/* A key at a time, so that echo is not lost. */
void terminal_move(void) {
    struct terminal *t = &terminal;

    if (!config.is_terminal) {
        if (!terminal_is_holding())
            fetch();
        return;
    }
    show_echo();
    while (terminal_is_holding() || fetch()) {
        if (!discipline_input(&t->discipline, t->held + t->held_at, 1))
            return;
        t->held_at++;
        show_echo();
    }
}

static bool is_readable(void) {
    const struct discipline *d = &terminal.discipline;
    const uint8_t *c = d->termios.characters;

    if (!config.is_terminal)
        return terminal_is_holding() || fetch() || terminal.has_ended;
    return terminal.has_ended || discipline_readable(d, c[VTIME] ? 1 : c[VMIN]);
}

static unsigned events(void) {
    unsigned set = 0;

    lock_take(&terminal.lock);
    if (is_readable())
        set |= POLLIN | POLLRDNORM;
    if (terminal.has_ended)
        set |= POLLHUP;
    if (!terminal.discipline.stopped)
        set |= POLLOUT | POLLWRNORM;
    lock_drop(&terminal.lock);
    return set;
}

static uint64_t take_signals(void) {
    return console_news(&config.terminal_columns, &config.terminal_rows) |
           discipline_signals(&terminal.discipline);
}

void terminal_tell(void) {
    lock_take(&terminal.lock);
    uint64_t set = take_signals();
    lock_drop(&terminal.lock);
    for (; set; set &= set - 1)
        signal_send_process(
            &(struct signal_info){.signal = __builtin_ctzl(set) + 1, .code = SI_KERNEL});
    ready_notify(&terminal_ready, events());
}

/* The console says that there is something, in a kernel entry. */
static void notice(void) {
    lock_take(&terminal.lock);
    terminal_move();
    lock_drop(&terminal.lock);
    terminal_tell();
}

static enum { NEW, TRIED, STARTED } state;

bool terminal_is_started(void) {
    return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == STARTED;
}

/* What came before is looked at now. */
static bool listen(void) {
    signal_start();
    discipline_init(&terminal.discipline);
    if (!console_listen(notice))
        return false;
    if (config.is_terminal)
        console_say_terminal(config.is_relayed);
    lock_take(&terminal.lock);
    terminal_move();
    lock_drop(&terminal.lock);
    terminal_tell();
    return true;
}

static bool start(void) {
    static struct mutex mutex;

    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != NEW)
        return terminal_is_started();
    mutex_take(&mutex);
    if (state == NEW)
        __atomic_store_n(&state, listen() ? STARTED : TRIED, __ATOMIC_RELEASE);
    mutex_drop(&mutex);
    return terminal_is_started();
}

void terminal_use(void) {
    static const struct terminal_ops ops = {.start = start,
                                            .is_started = terminal_is_started,
                                            .read = terminal_read,
                                            .write = terminal_write,
                                            .poll = events,
                                            .control = terminal_control,
                                            .ready = &terminal_ready};

    if (!terminal_ops) /* each poll comes here: vCPUs share the word as long as it stays */
        terminal_ops = &ops;
}
