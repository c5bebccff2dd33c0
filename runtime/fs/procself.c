/* SPDX-License-Identifier: MIT */
/* /proc/self: what is known of the process and its threads. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/format.h"
#include "base/string.h"
#include "fs/cache.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/limits.h"
#include "fs/procnodes.h"
#include "fs/vnode.h"
#include "init/config.h"
#include "init/program.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/access.h"
#include "pv/layout.h"
#include "pv/pagetable.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "sched/vcpu.h"
#include "signal/internal.h"

enum {
    KIB_PER_PAGE = PAGE_SIZE / 1024,
    NS_PER_TICK = 10000000,
    NAME_COLUMN = 73, /* in maps */
    NICE_NORMAL = 20,
};

static bool is_before(const struct tree_node *node, unsigned long tid) {
    return (unsigned long)TREE_RECORD(node, struct thread, by_tid)->tid < tid;
}

/* As long as there is no scheduler the first thread is in no table. */
int proc_next_thread(int tid) {
    lock_take(&threads_lock);
    struct tree_node *node = tree_find(&threads, is_before, (unsigned long)tid);
    int found = node                     ? TREE_RECORD(node, struct thread, by_tid)->tid
                : threads.root           ? 0
                : tid <= thread_main.tid ? thread_main.tid
                                         : 0;
    lock_drop(&threads_lock);
    return found;
}

/* What is told of a thread: a copy. */
struct told {
    int tid;
    char name[16], state;
    unsigned vcpu;
    struct thread_policy policy;
    unsigned long switches, preemptions;
    uint64_t blocked, pending, ns;
};

static void copy(struct told *told, const struct thread *t) {
    bool ended = t->state == THREAD_DEAD;

    memcpy(told->name, t->name, sizeof told->name);
    if (!*told->name) { /* as Linux names a process, by its file */
        const char *path = proc_image_path(), *base = path;
        for (; *path; path++)
            base = *path == '/' ? path + 1 : base;
        for (size_t i = 0; i < sizeof told->name - 1 && base[i]; i++)
            told->name[i] = base[i];
    }
    told->state = ended ? 'Z' : t->state == THREAD_SLEEPING ? 'S' : 'R';
    told->vcpu = t->vcpu ? t->vcpu->index : 0;
    told->policy = t->policy;
    told->switches = t->switches;
    told->preemptions = t->preemptions;
    told->blocked = t->signals.blocked;
    told->pending = t->signals.pending.set;
}

/* Linux's id of the clock that counts that thread's time. */
static int clock_of(int tid) {
    return tid ? (int)(~(unsigned)tid << 3 | 6) : CLOCK_PROCESS_CPUTIME_ID;
}

/* whom: a thread, or 0: the first one, with the time of all. */
static long find(unsigned whom, struct told *told) {
    int tid = whom ? (int)whom : thread_main.tid;
    bool found = true;

    *told = (struct told){.tid = tid};
    lock_take(&threads_lock);
    const struct thread *t = tid == thread_main.tid ? &thread_main : thread_find(tid);
    if (t)
        copy(told, t);
    else
        found = false;
    lock_drop(&threads_lock);
    if (!found)
        return -ESRCH;
    if (clock_read(clock_of((int)whom), &told->ns))
        clock_read(CLOCK_PROCESS_CPUTIME_ID, &told->ns);
    return 0;
}

long proc_comm(struct text *t, unsigned whom) {
    struct told told;
    long error = find(whom, &told);

    if (!error)
        text_add(t, "%s\n", told.name);
    return error;
}

long proc_set_comm(unsigned whom, char *line, size_t size) {
    int tid = whom ? (int)whom : thread_main.tid;

    lock_take(&threads_lock);
    struct thread *t = tid == thread_main.tid ? &thread_main : thread_find(tid);
    if (t) {
        line[MIN(size, sizeof t->name - 1)] = 0;
        memset(t->name, 0, sizeof t->name);
        memcpy(t->name, line, strlen(line));
    }
    lock_drop(&threads_lock);
    return t ? 0 : -ESRCH;
}

/* It is no file, but may have been one, of that name. */
const char *proc_image_path(void) {
    static char path[256];
    const char *name = config.argv[0];

    if (*name == '/')
        return name;
    if (name[0] == '.' && name[1] == '/')
        name += 2;
    format(path, sizeof path, "/%s", name);
    return path;
}

/* The vector's words, as they are now, for the program may change them. */
static unsigned long word(const unsigned long *at) {
    unsigned long value;

    return user_read(&value, at, sizeof value) ? 0 : value;
}

static void put_string(struct text *t, const char *from) {
    char c = 1;

    while (c && !t->failed) {
        if (user_read(&c, from++, 1))
            c = 0;
        text_put(t, &c, 1);
    }
}

/* Strings up to NULL; what is behind that. */
static const unsigned long *put_strings(struct text *t, const unsigned long *at) {
    unsigned long string;

    while ((string = word(at++)))
        if (t)
            put_string(t, (const char *)string);
    return at;
}

long proc_cmdline(struct text *t, unsigned whom) {
    (void)whom;
    put_strings(t, program_vector + 1);
    return 0;
}

long proc_environ(struct text *t, unsigned whom) {
    (void)whom;
    put_strings(t, put_strings(NULL, program_vector + 1));
    return 0;
}

long proc_auxv(struct text *t, unsigned whom) {
    const unsigned long *at = put_strings(NULL, put_strings(NULL, program_vector + 1));
    unsigned long pair[2];

    (void)whom;
    do {
        pair[0] = word(at++);
        pair[1] = word(at++);
        text_put(t, pair, sizeof pair);
    } while (pair[0] != AT_NULL);
    return 0;
}

/* Sizes in pages. What is in use is all the program's; of that, what is in files is told
 * apart. */
struct sizes {
    unsigned long all, locked, data, stack, text, resident, shared, most;
};

static void give_back(const struct space_range *r) {
    if (r->object)
        r->object->ops->unref(r->object);
}

static struct sizes measure(void) {
    struct sizes s = {.resident = page_count() - space_count_free(),
                      .shared = cache_pages_all,
                      .most = page_count_most()};
    struct space_range r;

    s.shared = MIN(s.shared, s.resident);
    for (unsigned long at = 0; space_describe(at, &r); at = r.end) {
        give_back(&r);
        unsigned long pages = (r.end - r.start) / PAGE_SIZE;
        if (r.kind == SPACE_OF_RUNTIME)
            continue;
        s.all += pages;
        s.locked += r.is_locked ? pages : 0;
        if (r.kind == SPACE_OF_STACK)
            s.stack += pages;
        else if (r.prot & PROT_EXEC)
            s.text += pages;
        else if (r.prot & PROT_WRITE && !r.is_shared)
            s.data += pages;
    }
    if (s.all < s.resident) /* page tables and the like */
        s.all = s.resident;
    return s;
}

long proc_statm(struct text *t, unsigned whom) {
    struct sizes s = measure();

    (void)whom;
    text_add(t, "%lu %lu %lu %lu 0 %lu 0\n", s.all, s.resident, s.shared, s.text,
             s.data + s.stack);
    return 0;
}

static uint64_t actions(void (*handler)(int), bool is_it) {
    uint64_t set = 0;

    for (int i = 1; i <= SIGNALS; i++)
        if (signal_actions[i].handler != SIG_DFL &&
            (signal_actions[i].handler == handler) == is_it)
            set |= signal_bit(i);
    return set;
}

/* How large it was is seen only where somebody looks; memory in use is counted always. */
static unsigned long largest(unsigned long size) {
    static unsigned long most;

    if (size > most)
        most = size;
    return most;
}

static void add_memory(struct text *t) {
    struct sizes s = measure();
    const struct {
        const char *name;
        unsigned long pages;
    } lines[] = {
        {"VmPeak", largest(s.all)},
        {"VmSize", s.all},
        {"VmLck", s.locked},
        {"VmPin", 0},
        {"VmHWM", s.most},
        {"VmRSS", s.resident},
        {"RssAnon", s.resident - s.shared},
        {"RssFile", 0},
        {"RssShmem", s.shared},
        {"VmData", s.data},
        {"VmStk", s.stack},
        {"VmExe", s.text},
        {"VmLib", 0},
        {"VmPTE", pt_tables},
        {"VmSwap", 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++)
        text_add(t, "%s:\t%8lu kB\n", lines[i].name, lines[i].pages * KIB_PER_PAGE);
}

static const char *state_name(char state) {
    return state == 'R' ? "running" : state == 'S' ? "sleeping" : "zombie";
}

long proc_status(struct text *t, unsigned whom) {
    static const char all[] = "000001ffffffffff"; /* capabilities */
    struct told told;
    long error = find(whom, &told);

    if (error)
        return error;
    text_add(t,
             "Name:\t%s\nUmask:\t%04lu\nState:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n"
             "PPid:\t0\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%u\n"
             "Groups:\t \nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
             told.name, text_octal(file_mask), told.state, state_name(told.state),
             thread_main.tid, told.tid, (unsigned)ROUND_UP(fd_count(), 64), thread_main.tid,
             told.tid, thread_main.tid, thread_main.tid);
    add_memory(t);
    text_add(t,
             "CoreDumping:\t0\nTHP_enabled:\t0\nThreads:\t%u\nSigQ:\t%u/%u\n"
             "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\nSigIgn:\t%016lx\n"
             "SigCgt:\t%016lx\nCapInh:\t%016x\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t%s\n"
             "CapAmb:\t%016x\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n",
             thread_live, signal_queue_count, signal_queue_limit, told.pending,
             signal_process.set, told.blocked, actions(SIG_IGN, true),
             actions(SIG_IGN, false), 0, all, all, all, 0);
    text_add(t, "Cpus_allowed:\t%x\nCpus_allowed_list:\t",
             (unsigned)((1ul << vcpu_count()) - 1));
    proc_cpus(t, 0);
    text_add(t,
             "Mems_allowed:\t1\nMems_allowed_list:\t0\nvoluntary_ctxt_switches:\t%lu\n"
             "nonvoluntary_ctxt_switches:\t%lu\n",
             told.switches, told.preemptions);
    return 0;
}

/* What Linux calls the priority of each policy. */
static int priority_of(const struct thread_policy *p) {
    return p->priority ? -1 - p->priority : NICE_NORMAL + p->nice;
}

long proc_stat(struct text *t, unsigned whom) {
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)atman_text_start;
    struct sizes s = measure();
    struct told told;
    long error = find(whom, &told);

    if (error)
        return error;
    text_add(t, "%d (%s) %c 0 %d %d 0 -1 0 %lu 0 0 0 %lu 0 0 0 %d %d %u 0 0 %lu %lu %lu ",
             told.tid, told.name, told.state, thread_main.tid, thread_main.tid,
             space_faults, told.ns / NS_PER_TICK, priority_of(&told.policy),
             told.policy.nice, thread_live, s.all * PAGE_SIZE, s.resident,
             (unsigned long)limit_of(RLIMIT_RSS)->rlim_cur);
    text_add(t, "%lu %lu %lu 0 0 %lu %lu %lu %lu 0 0 0 17 %u %d %d 0 0 0 ",
             (unsigned long)image, (unsigned long)atman_text_end,
             (unsigned long)program_vector, told.pending | signal_process.set, told.blocked,
             actions(SIG_IGN, true), actions(SIG_IGN, false), told.vcpu,
             told.policy.priority, told.policy.policy);
    unsigned long arguments = word(program_vector + 1);
    text_add(t, "%lu %lu %lu %lu 0 0 0 0\n", (unsigned long)atman_rodata_end,
             (unsigned long)atman_image_end, SPACE_START, arguments);
    return 0;
}

/* Where in the file that was linked the image has that from. */
static unsigned long file_offset(unsigned long address) {
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)atman_text_start;
    const Elf64_Phdr *phdr = (const Elf64_Phdr *)(atman_text_start + image->e_phoff);

    for (unsigned i = 0; i < image->e_phnum; i++)
        if (phdr[i].p_type == PT_LOAD && address - phdr[i].p_vaddr < phdr[i].p_memsz)
            return phdr[i].p_offset + address - phdr[i].p_vaddr;
    return 0;
}

static const char *range_name(const struct space_range *r) {
    switch (r->kind) {
    case SPACE_OF_IMAGE:
        return proc_image_path();
    case SPACE_OF_HEAP:
        return "[heap]";
    case SPACE_OF_STACK:
        return "[stack]";
    case SPACE_OF_RUNTIME:
        return "[atman]";
    default:
        return r->object ? "/dev/zero (deleted)" : ""; /* shared, and no file's */
    }
}

/* Puts spaces up to that column, then the name. */
static void add_name(struct text *t, size_t begin, const char *name) {
    while (*name && t->size - begin < NAME_COLUMN && !t->failed)
        text_put(t, " ", 1);
    text_put(t, name, strlen(name));
}

/* Of a file that is mapped. One that has no name in memory any more is shown by its number
 * alone. */
static void add_file(struct text *t, size_t begin, const struct vnode *vnode) {
    struct entry *e = entry_of(vnode);
    char *path = heap_alloc(PATH_MOST), *at = NULL;
    bool removed = false;

    if (e && path)
        at = entry_path(e, path, PATH_MOST, &removed);
    add_name(t, begin, at ? at : "(deleted)");
    if (at && removed)
        text_add(t, " (deleted)");
    heap_free(path);
    if (e)
        entry_drop(e);
}

long proc_maps(struct text *t, unsigned whom) {
    struct space_range r;

    (void)whom;
    for (unsigned long at = 0; space_describe(at, &r) && !t->failed; at = r.end) {
        bool image = r.kind == SPACE_OF_IMAGE;
        const struct vnode *vnode = r.object ? cache_vnode(r.object) : NULL;
        unsigned long device = vnode && vnode->mount ? vnode->mount->device : 0;
        size_t before = t->size;
        text_add(t, "%08lx-%08lx %c%c%c%c %08lx %02lx:%02lx %lu ", r.start, r.end,
                 r.prot & PROT_READ ? 'r' : '-', r.prot & PROT_WRITE ? 'w' : '-',
                 r.prot & PROT_EXEC ? 'x' : '-', r.is_shared ? 's' : 'p',
                 image ? file_offset(r.start) : r.first * PAGE_SIZE, 0ul, device,
                 vnode ? vnode->number : 0ul);
        if (vnode)
            add_file(t, before, vnode);
        else
            add_name(t, before, range_name(&r));
        text_put(t, "\n", 1);
        give_back(&r);
    }
    return 0;
}

/* Left-aligned in that many columns. */
static void add_column(struct text *t, const char *word, unsigned columns) {
    size_t size = strlen(word);

    text_put(t, word, size);
    for (; size < columns; size++)
        text_put(t, " ", 1);
}

static void add_value(struct text *t, unsigned long value) {
    char word[24] = "unlimited";

    if (value != RLIM_INFINITY)
        format(word, sizeof word, "%lu", value);
    add_column(t, word, 21);
}

long proc_limits(struct text *t, unsigned whom) {
    static const struct {
        char name[24], unit[12];
    } names[RLIM_NLIMITS] = {
        {"Max cpu time", "seconds"},     {"Max file size", "bytes"},
        {"Max data size", "bytes"},      {"Max stack size", "bytes"},
        {"Max core file size", "bytes"}, {"Max resident set", "bytes"},
        {"Max processes", "processes"},  {"Max open files", "files"},
        {"Max locked memory", "bytes"},  {"Max address space", "bytes"},
        {"Max file locks", "locks"},     {"Max pending signals", "signals"},
        {"Max msgqueue size", "bytes"},  {"Max nice priority", ""},
        {"Max realtime priority", ""},   {"Max realtime timeout", "us"},
    };

    (void)whom;
    add_column(t, "Limit", 26);
    add_column(t, "Soft Limit", 21);
    add_column(t, "Hard Limit", 21);
    text_add(t, "Units     \n");
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        const struct rlimit *limit = limit_of(i);
        add_column(t, names[i].name, 26);
        add_value(t, limit->rlim_cur);
        add_value(t, limit->rlim_max);
        add_column(t, names[i].unit, 10);
        text_put(t, "\n", 1);
    }
    return 0;
}

long proc_fd_info(struct text *t, unsigned fd) {
    struct file *file = fd_get((int)fd);
    struct stat stat = {0};

    if (!file)
        return -ENOENT;
    long closes = fd_close_on_exec((int)fd, -1);
    unsigned flags = file->flags | (closes > 0 ? O_CLOEXEC : 0);
    file_stat(file, &stat);
    text_add(t, "pos:\t%ld\nflags:\t0%lu\nmnt_id:\t%lu\nino:\t%lu\n", (long)file->position,
             text_octal(flags), (unsigned long)stat.st_dev, (unsigned long)stat.st_ino);
    file_drop(file);
    return 0;
}
