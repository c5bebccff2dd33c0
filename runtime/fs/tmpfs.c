/* SPDX-License-Identifier: MIT */
#include "fs/tmpfs.h"

#include <errno.h>

#include "base/string.h"
#include "fs/mount.h"
#include "fs/ramfs.h"
#include "fs/text.h"
#include "mm/heap.h"
#include "mm/page.h"

enum { MODE_USUAL = 01777, MODE_MOST = 07777, RAMFS_MODE = 0755 };

/* What Linux gives one that says nothing. */
static size_t usual(void) {
    return page_count() / 2;
}

/* The number at *s, which is moved behind it; false: there is none, or it is too large. */
static bool parse(const char **s, unsigned base, uint64_t *value) {
    const char *begin = *s;

    for (*value = 0; **s >= '0' && **s < (char)('0' + base); ++*s)
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, (unsigned)(**s - '0'), value))
            return false;
    return *s > begin;
}

/* Bytes with K, M, G, … behind, or a share of all memory. */
static bool parse_size(const char *s, uint64_t *value) {
    static const char units[] = "kmgtpe";
    uint64_t n;

    if (!parse(&s, 10, &n))
        return false;
    if (*s == '%') {
        n = n * page_count() / 100 * PAGE_SIZE;
        s++;
    }
    for (unsigned i = 0; *s && i < sizeof units - 1; i++)
        if ((*s | 0x20) == units[i]) {
            unsigned shift = (i + 1) * 10;
            if (n > UINT64_MAX >> shift)
                return false;
            n <<= shift;
            s++;
            break;
        }
    *value = n;
    return !*s;
}

static bool parse_whole(const char *s, unsigned base, uint64_t most, unsigned *value) {
    uint64_t n;

    if (!parse(&s, base, &n) || *s || n > most)
        return false;
    *value = (unsigned)n;
    return true;
}

static size_t limit_of(uint64_t n) {
    return n && n < RAMFS_UNLIMITED ? n : RAMFS_UNLIMITED;
}

static bool is(const char *name, const char *which) {
    return !strcmp(name, which);
}

static bool set(struct ramfs_limits *l, const char *name, const char *value) {
    uint64_t n;

    if (is(name, "mode"))
        return parse_whole(value, 8, UINT32_MAX, &l->mode) && (l->mode &= MODE_MOST, true);
    if (is(name, "uid"))
        return parse_whole(value, 10, UINT32_MAX - 1, &l->uid);
    if (is(name, "gid"))
        return parse_whole(value, 10, UINT32_MAX - 1, &l->gid);
    if (is(name, "huge") || is(name, "mpol"))
        return true; /* all pages are of one kind here */
    if (!parse_size(value, &n))
        return false;
    if (is(name, "size"))
        l->pages.most = limit_of(n / PAGE_SIZE + !!(n % PAGE_SIZE));
    else if (is(name, "nr_blocks"))
        l->pages.most = limit_of(n);
    else if (is(name, "nr_inodes"))
        l->files_most = limit_of(n);
    else
        return false;
    return true;
}

/* One of the options, which are cut off there. */
static bool take(struct ramfs_limits *l, char *option) {
    char *value = option;

    while (*value && *value != '=')
        value++;
    if (!*value)
        return !*option || is(option, "inode32") || is(option, "inode64") ||
               is(option, "noswap");
    *value++ = 0;
    return set(l, option, value);
}

/* lenient: what is not understood is let be. */
static long read_options(struct ramfs_limits *l, const char *options, bool lenient) {
    char *copy = heap_alloc(PAGE_SIZE), *at = copy, *next;
    bool good = true;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, options, MIN(strlen(options) + 1, PAGE_SIZE - 1));
    for (; at && good; at = next) {
        for (next = at; *next && *next != ',';)
            next++;
        next = *next ? (*next = 0, next + 1) : NULL;
        good = take(l, at) || lenient;
    }
    heap_free(copy);
    return good ? 0 : -EINVAL;
}

static size_t shown(size_t limit) {
    return limit == RAMFS_UNLIMITED ? 0 : limit;
}

static void say(const struct mount *mount, struct text *t) {
    const struct ramfs_limits *l = mount->own;

    if (l->pages.most != usual())
        text_add(t, ",size=%luk", shown(l->pages.most) * (PAGE_SIZE / 1024));
    if (l->files_most != usual())
        text_add(t, ",nr_inodes=%lu", shown(l->files_most));
    if (l->mode != MODE_USUAL)
        text_add(t, ",mode=%03lu", text_octal(l->mode));
    if (l->uid)
        text_add(t, ",uid=%u", l->uid);
    if (l->gid)
        text_add(t, ",gid=%u", l->gid);
}

/* Only the limits change. */
static long change(struct mount *mount, const char *options) {
    struct ramfs_limits *l = mount->own, new = *l;
    long error = read_options(&new, options, false);

    if (error)
        return error;
    if (new.pages.most < l->pages.used || new.files_most < l->files)
        return -EINVAL;
    l->pages.most = new.pages.most;
    l->files_most = new.files_most;
    return 0;
}

long tmpfs_make(const char *type, const char *source, const char *options,
                struct mount **made) {
    struct ramfs_limits *l = heap_alloc(sizeof *l);

    if (!l)
        return -ENOMEM;
    *l = (struct ramfs_limits){
        .pages.most = usual(), .files_most = usual(), .mode = MODE_USUAL};
    long error = read_options(l, options, false);
    if (error) {
        heap_free(l);
        return error;
    }
    *made = ramfs_make(type, source, l->mode, l);
    if (!*made)
        return -ENOMEM;
    (*made)->root->vnode->uid = l->uid;
    (*made)->root->vnode->gid = l->gid;
    (*made)->say = say;
    (*made)->change = change;
    return 0;
}

static void say_mode(const struct mount *mount, struct text *t) {
    unsigned mode = mount->root->vnode->mode & MODE_MOST;

    if (mode != RAMFS_MODE)
        text_add(t, ",mode=%lu", text_octal(mode));
}

long tmpfs_make_unlimited(const char *type, const char *source, const char *options,
                          struct mount **made) {
    struct ramfs_limits l = {.mode = RAMFS_MODE};
    long error = read_options(&l, options, true);

    if (!error)
        *made = ramfs_make(type, source, l.mode, NULL);
    if (error || !*made)
        return error ? error : -ENOMEM;
    (*made)->say = say_mode;
    return 0;
}
