/* SPDX-License-Identifier: MIT */
/* System calls: poll and select. */
#include <errno.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/poll.h"
#include "pv/access.h"
#include "sched/clock.h"
#include "sched/deadline.h"
#include "sched/hooks.h"
#include "sched/mutex.h"
#include "sys/calls.h"
#include "sys/masked.h"

enum {
    WORD_BITS = 64,
    READS = POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
    WRITES = POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR,
    EXCEPTIONS = POLLPRI,
};

/* As poller_wait takes it; 0 for none: a time that is over is no wait. */
static uint64_t wait_until(uint64_t ns) {
    return ns ? clock_monotonic() + ns : 1;
}

static long read_timespec(const struct timespec *limit, uint64_t *until) {
    uint64_t ns;
    long error = limit ? deadline_ns(limit, &ns) : 0;

    *until = limit && !error ? wait_until(ns) : 0;
    return error;
}

static uint64_t left_of(uint64_t until) {
    uint64_t now = clock_monotonic();

    return until > now ? until - now : 0;
}

/* poll */

static long add_all(struct poller *p, const struct pollfd *fds, unsigned count) {
    struct pollfd one;

    for (unsigned i = 0; i < count; i++) {
        if (user_read(&one, &fds[i], sizeof one))
            return -EFAULT;
        if (!poller_add(p, one.fd, (unsigned short)one.events))
            return -ENOMEM;
    }
    return 0;
}

static long say_all(struct poller *p, struct pollfd *fds) {
    struct polled_piece *piece = NULL;
    struct polled *record;
    unsigned index;

    for (; (record = poller_next(p, &piece, &index)); fds++) {
        short found = (short)record->found;
        if (user_write(&fds->revents, &found, sizeof found))
            return -EFAULT;
    }
    return 0;
}

static long poll_once(struct pollfd *fds, unsigned count, uint64_t until) {
    struct poller p;

    if (count > files_limit)
        return -EINVAL;
    if (until != 1)
        scheduler_start();
    long result = count ? files_start() : 0;
    if (result)
        return result;
    poller_init(&p, POLLERR | POLLHUP);
    result = add_all(&p, fds, count);
    if (!result) {
        result = poller_wait(&p, until);
        if (say_all(&p, fds))
            result = -EFAULT;
    }
    poller_end(&p);
    return result;
}

long atman_sys_poll(struct pollfd *fds, unsigned count, int limit) {
    uint64_t until = limit < 0 ? 0 : wait_until((uint64_t)limit * 1000000);
    struct masked none = {0};
    long result;

    do {
        handlers_hold();
        result = poll_once(fds, count, until);
    } while (masked_settle(&none, &result));
    return result;
}

/* What is left of the time is written, if it can be. */
long atman_sys_ppoll(struct pollfd *fds, unsigned count, struct timespec *limit,
                     const uint64_t *mask, size_t size) {
    struct masked masked;
    uint64_t until;
    long result = read_timespec(limit, &until);

    if (result)
        return result;
    do {
        handlers_hold();
        result = masked_begin(&masked, mask, size);
        if (!result)
            result = poll_once(fds, count, until);
    } while (masked_settle(&masked, &result));
    if (until > 1 && result != -EFAULT && result != -EINVAL)
        user_write_pair(limit, left_of(until) / NS_PER_SEC, left_of(until) % NS_PER_SEC);
    return result;
}

/* select */

struct sets {
    uint64_t *set[3]; /* the program's: to read, to write, exceptions; or NULL */
    unsigned words;
    int count;
};

static const unsigned masks[3] = {READS, WRITES, EXCEPTIONS};

/* A word of each of the sets; all: the bits that are in any. */
static long read_words(const struct sets *s, unsigned at, uint64_t words[3],
                       uint64_t *all) {
    unsigned bits = (unsigned)s->count - at * WORD_BITS;

    *all = 0;
    for (unsigned i = 0; i < 3; i++) {
        words[i] = 0;
        if (s->set[i] && user_read(&words[i], &s->set[i][at], sizeof words[i]))
            return -EFAULT;
        if (bits < WORD_BITS)
            words[i] &= (1ul << bits) - 1;
        *all |= words[i];
    }
    return 0;
}

static long add_sets(struct poller *p, const struct sets *s) {
    uint64_t words[3], all;

    for (unsigned at = 0; at < s->words; at++) {
        long error = read_words(s, at, words, &all);
        if (error)
            return error;
        for (; all; all &= all - 1) {
            unsigned bit = (unsigned)__builtin_ctzl(all), wanted = 0;
            for (unsigned i = 0; i < 3; i++)
                wanted |= words[i] >> bit & 1 ? masks[i] : 0;
            struct polled *record = poller_add(p, (int)(at * WORD_BITS + bit), wanted);
            if (!record)
                return -ENOMEM;
        }
    }
    return 0;
}

/* In which sets it is found, as bits. */
static unsigned sets_of(const struct polled *record) {
    unsigned in = 0;

    for (unsigned i = 0; i < 3; i++)
        if ((record->wanted & masks[i]) == masks[i] && record->found & masks[i])
            in |= 1u << i;
    return in;
}

static long write_words(const struct sets *s, unsigned at, const uint64_t words[3]) {
    for (unsigned i = 0; i < 3; i++)
        if (s->set[i] && user_write(&s->set[i][at], &words[i], sizeof words[i]))
            return -EFAULT;
    return 0;
}

/* The number of bits that are set. */
static long say_sets(struct poller *p, const struct sets *s) {
    struct polled_piece *piece = NULL;
    unsigned index;
    struct polled *record = poller_next(p, &piece, &index);
    long total = 0;

    for (unsigned at = 0; at < s->words; at++) {
        uint64_t words[3] = {0};
        for (; record && (unsigned)record->fd / WORD_BITS == at;
             record = poller_next(p, &piece, &index)) {
            unsigned in = sets_of(record);
            for (unsigned i = 0; i < 3; i++)
                words[i] |= (uint64_t)(in >> i & 1) << record->fd % WORD_BITS;
            total += __builtin_popcount(in);
        }
        if (write_words(s, at, words))
            return -EFAULT;
    }
    return total;
}

static bool has_closed(struct poller *p) {
    struct polled_piece *piece = NULL;
    struct polled *record;
    unsigned index;

    while ((record = poller_next(p, &piece, &index)))
        if (record->found & POLLNVAL)
            return true;
    return false;
}

static long wait_for_sets(struct poller *p, const struct sets *s, uint64_t until) {
    long result = poller_wait(p, until);

    if (has_closed(p))
        return -EBADF;
    return result < 0 ? result : say_sets(p, s);
}

static long select_once(const struct sets *s, uint64_t until) {
    struct poller p;

    if (until != 1)
        scheduler_start();
    long result = s->count ? files_start() : 0;
    if (result)
        return result;
    poller_init(&p, 0);
    result = add_sets(&p, s);
    if (!result)
        result = wait_for_sets(&p, s, until);
    poller_end(&p);
    return result;
}

static struct sets sets_of_call(int count, uint64_t *in, uint64_t *out, uint64_t *except) {
    count = MIN(count, FILES_MOST);
    return (struct sets){.set = {in, out, except},
                         .words = (unsigned)(count + WORD_BITS - 1) / WORD_BITS,
                         .count = count};
}

/* A time of more than a second's microseconds is taken, as Linux takes it. */
static long read_timeval(const struct timeval *limit, uint64_t *until) {
    struct timeval t;

    *until = 0;
    if (!limit)
        return 0;
    if (user_read(&t, limit, sizeof t))
        return -EFAULT;
    t.tv_sec += t.tv_usec / 1000000;
    t.tv_usec %= 1000000;
    if (t.tv_sec < 0 || t.tv_usec < 0)
        return -EINVAL;
    t.tv_sec = MIN(t.tv_sec, 1l << 33);
    *until = wait_until((uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_usec * 1000);
    return 0;
}

long atman_sys_select(int count, uint64_t *in, uint64_t *out, uint64_t *except,
                      struct timeval *limit) {
    struct sets sets = sets_of_call(count, in, out, except);
    struct masked none = {0};
    uint64_t until;
    long result = read_timeval(limit, &until);

    if (result || count < 0)
        return result ? result : -EINVAL;
    do {
        handlers_hold();
        result = select_once(&sets, until);
    } while (masked_settle(&none, &result));
    if (until > 1)
        user_write_pair(limit, left_of(until) / NS_PER_SEC,
                        left_of(until) % NS_PER_SEC / 1000);
    return result;
}

/* The sixth argument is where the mask and its size are. */
struct mask_at {
    const uint64_t *mask;
    size_t size;
};

long atman_sys_pselect6(int count, uint64_t *in, uint64_t *out, uint64_t *except,
                        struct timespec *limit, const struct mask_at *at) {
    struct sets sets = sets_of_call(count, in, out, except);
    struct mask_at mask = {0};
    struct masked masked;
    uint64_t until;
    long result = at ? user_read(&mask, at, sizeof mask) : 0;

    if (!result)
        result = read_timespec(limit, &until);
    if (result || count < 0)
        return result ? result : -EINVAL;
    do {
        handlers_hold();
        result = masked_begin(&masked, mask.mask, mask.size);
        if (!result)
            result = select_once(&sets, until);
    } while (masked_settle(&masked, &result));
    if (until > 1)
        user_write_pair(limit, left_of(until) / NS_PER_SEC, left_of(until) % NS_PER_SEC);
    return result;
}
