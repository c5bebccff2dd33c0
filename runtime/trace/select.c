/* SPDX-License-Identifier: MIT */
/* Which calls are printed and counted: sets of numbers, read from words. */
#include <sys/syscall.h>

#include "base/string.h"
#include "trace/arguments.h"
#include "trace/trace.h"

struct set {
    uint64_t bits[TRACE_CALLS / 64];
};

static struct set printed, counted;
bool trace_on;

static bool has(const struct set *set, unsigned number) {
    return set->bits[number / 64] >> number % 64 & 1;
}

static void change(struct set *set, unsigned number, bool in) {
    if (in)
        set->bits[number / 64] |= 1ul << number % 64;
    else
        set->bits[number / 64] &= ~(1ul << number % 64);
}

/* Is word, of that length, this name? */
static bool is(const char *word, size_t length, const char *name) {
    return strlen(name) == length && !strncmp(word, name, length);
}

/* 0 if it is no group's name. */
static unsigned find_group(const char *word, size_t length) {
    static const struct {
        char name[10];
        uint16_t group;
    } groups[] = {
        {"desc", DESC},     {"file", FILES},      {"memory", MEMORY},
        {"signal", SIGNAL}, {"process", PROCESS}, {"network", NETWORK},
        {"thread", THREAD}, {"time", TIMES},      {"identity", IDENTITY},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(groups); i++)
        if (is(word, length, groups[i].name))
            return groups[i].group;
    return 0;
}

/* TRACE_CALLS if it is no call's name. */
static unsigned find_call(const char *word, size_t length) {
    static const struct {
        const char *name;
        unsigned number;
    } calls[] = {
#define SYSCALL(number, name, count, handler) {#name, number},
#include "syscalls.def"
#undef SYSCALL
/* And those that are no entries there, or not yet. */
#define CALL(name, ...) {#name, SYS_##name},
#include "trace/arguments.def"
#undef CALL
    };

    for (unsigned i = 0; i < ARRAY_SIZE(calls); i++)
        if (is(word, length, calls[i].name))
            return calls[i].number;
    return TRACE_CALLS;
}

static bool apply(struct set *set, const char *word, size_t length, bool in) {
    bool all = is(word, length, "all");
    unsigned group = find_group(word, length), call = find_call(word, length);

    for (unsigned n = 0; n < TRACE_CALLS; n++)
        if (all || n == call || trace_shape(n)->groups & group)
            change(set, n, in);
    return all || group || call < TRACE_CALLS;
}

static bool read(struct set *set, const char *words) {
    struct set new = {{0}};

    if (*words == '!')
        memset(&new, 0xff, sizeof new);
    for (;;) {
        bool in = *words != '!';
        size_t length = 0;

        words += !in;
        while (words[length] && words[length] != ',')
            length++;
        if (!apply(&new, words, length, in))
            return false;
        if (!words[length])
            break;
        words += length + 1;
    }
    *set = new;
    trace_on = true;
    return true;
}

bool trace_set_lines(const char *set) {
    return read(&printed, set);
}

bool trace_set_summary(const char *set) {
    return read(&counted, set);
}

bool trace_is_printed(unsigned number) {
    return has(&printed, number);
}

bool trace_is_counted(unsigned number) {
    return has(&counted, number);
}
