/* SPDX-License-Identifier: MIT */
/*
 * fs/discipline.c against the host's own terminals: the same random keys, settings, reads
 * and output go to both, and after each step the echo, what can be read and the signals
 * must be the same. The kernel handles keys somewhat later, so it has a while to agree;
 * where its state would depend on when it does (output that a signal takes back), the steps
 * wait for it before.
 */
#include "fs/discipline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "test.h"

enum {
    STEPS = 1500,
    PATIENCE_MS = 3000,
    SHOWN = 1 << 16,
    NEARLY_FULL = 3900,
    LONG_LINE = 150,
    TRIES = 5,
    LARGEST_MIN = 64, /* with more, Linux's read returns 64 bytes of what there is */
};

static struct discipline model;
static int master, slave;
static char wanted[SHOWN], seen[SHOWN]; /* since the last agreement */
static size_t wanted_size, seen_size;
static uint8_t pressed[64]; /* keys since then, for the message */
static size_t pressed_size;
static uint64_t wanted_signals, seen_signals;

static void model_shows(void) {
    wanted_size += discipline_echo(&model, wanted + wanted_size, SHOWN - wanted_size);
    wanted_signals |= discipline_signals(&model);
}

static void read_screen(void) {
    ssize_t n;

    while ((n = read(master, seen + seen_size, SHOWN - seen_size)) > 0)
        seen_size += (size_t)n;
}

static void read_signals(void) {
    sigset_t pending;

    sigpending(&pending);
    for (int i = 1; i < 32; i++)
        if (sigismember(&pending, i) == 1) {
            sigset_t one;
            sigemptyset(&one);
            sigaddset(&one, i);
            if (sigtimedwait(&one, NULL, &(struct timespec){0}) == i)
                seen_signals |= 1ul << (i - 1);
        }
}

/* If its queue is full Linux counts an end of file, too. */
static size_t model_count(void) {
    return discipline_is_canonical(&model) && model.lines - model.tail == DISCIPLINE_QUEUE
               ? DISCIPLINE_QUEUE
               : discipline_count(&model);
}

/* poll() makes the kernel handle keys that still wait, if there is nothing to read. */
static bool agrees(void) {
    struct pollfd fd = {slave, POLLIN | POLLOUT, 0};
    int count = -1;
    size_t least = model.termios.characters[VTIME] ? 1 : model.termios.characters[VMIN];

    poll(&fd, 1, 0);
    ioctl(slave, FIONREAD, &count);
    read_screen();
    read_signals();
    return !(fd.revents & POLLOUT) == model.stopped &&
           (fd.revents & POLLIN) / POLLIN == discipline_readable(&model, least) &&
           (size_t)count == model_count() && seen_signals == wanted_signals &&
           seen_size == wanted_size && memcmp(seen, wanted, seen_size) == 0;
}

static bool settle(const char *after) {
    for (int ms = 0; !agrees(); ms++) {
        if (ms < PATIENCE_MS) {
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            continue;
        }
        int count = -1;
        ioctl(slave, FIONREAD, &count);
        printf("after %s: to be read %d, model %zu; signals %lx, model %lx\n", after, count,
               discipline_count(&model), seen_signals, wanted_signals);
        printf("model is %s\ncharacters", model.stopped ? "stopped" : "not stopped");
        for (unsigned i = 0; i < DISCIPLINE_CHARACTERS; i++)
            printf(" %02x", model.termios.characters[i]);
        printf("\nkeys");
        for (size_t i = 0; i < pressed_size; i++)
            printf(" %02x", pressed[i]);
        printf("\nflags %o %o %o\nshown %.*s\nmodel %.*s\ncolumns %u %u\n",
               model.termios.input, model.termios.output, model.termios.local,
               (int)seen_size, seen, (int)wanted_size, wanted, model.cursor.column,
               model.cursor.line);
        return false;
    }
    wanted_size = seen_size = pressed_size = 0;
    wanted_signals = seen_signals = 0;
    return true;
}

static uint8_t random_key(void) {
    static const char likely[] = "\r\n\t \b_;ab\xc3\xa4\xe2\x82\xac\x7f\xff\x01";

    switch (random_below(5)) {
    case 0:
        return (uint8_t)random_below(256);
    case 1:
        return model.termios.characters[random_below(DISCIPLINE_CHARACTERS)];
    case 2:
        return (uint8_t)likely[random_below(sizeof likely - 1)];
    default:
        return (uint8_t)('a' + random_below(26));
    }
}

/* Keys that change what the kernel has shown or read come alone; those that stop output are
 * looked for by it before their turn. */
static bool is_drastic(uint8_t key) {
    const uint8_t *c = model.termios.characters;

    key &= model.termios.input & ISTRIP ? 0x7f : 0xff;
    return key == c[VINTR] || key == c[VQUIT] || key == c[VSUSP] || key == c[VSTOP] ||
           key == c[VSTART];
}

static bool press(uint8_t key) {
    if (is_drastic(key) && !settle("keys"))
        return false;
    if (pressed_size < sizeof pressed)
        pressed[pressed_size++] = key;
    CHECK_EQ(write(master, &key, 1), 1);
    CHECK_EQ(discipline_input(&model, &key, 1), 1);
    model_shows();
    return !is_drastic(key) || settle("such a key");
}

static bool has_room(void) {
    uint32_t used = model.head - model.tail;

    if (model.echo_head - model.echo_tail > DISCIPLINE_ECHO / 2)
        return false;
    return used < NEARLY_FULL ||
           (discipline_is_canonical(&model) && model.lines == model.tail);
}

static bool keys(void) {
    size_t n = random_between(1, 30);
    bool same = random_one_in(4);
    uint8_t key = random_key();

    /* What is shown of erasing very many would not fit. */
    if (!(model.termios.local & ECHO) && random_one_in(4)) {
        n = 6000;
        same = true;
    } else if (model.head - model.lines > LONG_LINE) {
        key = model.termios.characters[VINTR];
    }

    for (size_t i = 0; i < n && has_room(); i++) {
        if (!press(same ? key : random_key()))
            return false;
        if (i % 64 == 63 && !settle("many keys"))
            return false;
    }
    return settle("keys");
}

static uint32_t random_flags(const uint32_t *flags, size_t count, uint32_t usual) {
    uint32_t set = 0;

    for (size_t i = 0; i < count; i++)
        if (random_one_in(6) ? random_one_in(2) : (usual & flags[i]) != 0)
            set |= flags[i];
    return set;
}

#define FLAGS(...)                                                                         \
    (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4

static struct discipline_termios random_settings(void) {
    struct discipline_termios t = model.termios;
    static struct discipline usual;

    discipline_init(&usual);
    t.input = random_flags(FLAGS(ICRNL, INLCR, IGNCR, ISTRIP, IXON, IXANY, IUTF8, IMAXBEL),
                           usual.termios.input);
    t.output = random_flags(FLAGS(OPOST, ONLCR, OCRNL, ONOCR, ONLRET, XTABS),
                            usual.termios.output);
    t.local = random_flags(
        FLAGS(ICANON, ECHO, ECHOE, ECHOK, ECHONL, ECHOCTL, ECHOKE, ISIG, NOFLSH, IEXTEN),
        usual.termios.local);
    for (unsigned i = 0; i < DISCIPLINE_CHARACTERS; i++)
        t.characters[i] =
            random_one_in(12) ? (uint8_t)random_below(128) : usual.termios.characters[i];
    t.characters[VTIME] = 0;
    t.characters[VMIN] = (uint8_t)(random_one_in(2) ? 1 : random_below(LARGEST_MIN));
    return t;
}

static bool forget(void) {
    tcflush(slave, TCIFLUSH);
    discipline_flush_input(&model);
    return settle("a flush");
}

static bool settings(void) {
    struct discipline_termios t = random_settings();
    bool flush = random_one_in(3);

    if (model.stopped) { /* echo that waits is made anew: so nothing else changes */
        t = model.termios;
        t.input &= ~(uint32_t)IXON;
        flush = false;
    }
    if (discipline_is_canonical(&model) && model.head - model.lines > LONG_LINE)
        return forget();
    if (discipline_count(&model) && (discipline_is_canonical(&model) || flush))
        return true;
    if (flush)
        discipline_flush_input(&model);
    discipline_set(&model, &t);
    model_shows();
    /* Keys that leave no trace may still wait. */
    nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    CHECK_EQ(ioctl(slave, flush ? TCSETSF : TCSETS, &t), 0);
    return settle("settings");
}

static bool get(void) {
    static char is[8192], should[8192];
    size_t size = random_one_in(2) ? random_between(1, 80) : sizeof is;
    bool readable = discipline_readable(&model, 1), ended;
    long n = (long)discipline_take(&model, should, size, &ended);

    if (discipline_is_canonical(&model) && n && (size_t)n == size && !ended)
        discipline_skip_end(&model);
    if (!readable)
        n = !discipline_is_canonical(&model) && !model.termios.characters[VMIN] ? 0
                                                                                : -EAGAIN;
    long got = read(slave, is, size);
    if (got < 0)
        got = -errno;
    CHECK_EQ(got, n);
    CHECK(n <= 0 || memcmp(is, should, (size_t)n) == 0);
    return got == n && settle("a read");
}

static bool print(void) {
    uint8_t text[40];
    size_t size = random_between(1, sizeof text);

    if (model.stopped)
        return true;
    for (size_t i = 0; i < size; i++)
        text[i] = random_key();
    CHECK_EQ(write(slave, text, size), size);
    wanted_size +=
        discipline_output(&model, text, &size, wanted + wanted_size, SHOWN - wanted_size);
    return settle("output");
}

static bool step(void) {
    switch (random_below(10)) {
    case 0:
    case 1:
        return settings();
    case 2:
    case 3:
    case 4:
        return get();
    case 5:
        return print();
    case 6:
        return random_one_in(5) && !discipline_count(&model) ? forget() : true;
    default:
        return keys();
    }
}

static void begin(void) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t all;

    sigaction(SIGHUP, &ignore, NULL);
    sigemptyset(&all);
    for (int i = 1; i < 32; i++)
        if (i == SIGINT || i == SIGQUIT || i == SIGTSTP)
            sigaddset(&all, i);
    sigprocmask(SIG_BLOCK, &all, NULL);
    CHECK_EQ(openpty(&master, &slave, NULL, NULL, NULL), 0);
    CHECK(setsid() > 0);
    CHECK_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    fcntl(master, F_SETFL, O_NONBLOCK);
    discipline_init(&model);
    CHECK_EQ(ioctl(slave, TCSETSF, &model.termios), 0);
}

/* In a process of its own, whose terminal it becomes. */
static int compare(uint64_t seed) {
    random_start(seed);
    begin();
    for (int i = 0; i < STEPS && !test_failures; i++)
        if (!step()) {
            printf("differs at step %d\n", i);
            return 1;
        }
    return test_failures != 0;
}

static int run(uint64_t seed) {
    pid_t child = fork();
    int status = -1;

    if (!child)
        exit(compare(seed));
    waitpid(child, &status, 0);
    return status;
}

/* A difference is there each time; what the kernel was late with is not. */
TEST(random_keys_and_settings) {
    uint64_t seed = random_seed();
    int status = -1;

    for (int i = 0; i < TRIES && status; i++)
        status = run(seed);
    CHECK_EQ(status, 0);
}
