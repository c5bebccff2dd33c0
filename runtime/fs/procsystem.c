/* SPDX-License-Identifier: MIT */
/* What /proc tells of the machine, which is the domain. */
#include <errno.h>
#include <time.h>

#include "base/string.h"
#include "fs/cache.h"
#include "fs/device.h"
#include "fs/entropy.h"
#include "fs/file.h"
#include "fs/hooks.h"
#include "fs/host.h"
#include "fs/procnodes.h"
#include "mm/backing.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/pagetable.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "sched/vcpu.h"
#include "xen/cpu.h"
#include "xen/hypercall.h"
#include "xen/upcall.h"
#include "xenbus/processor.h"

enum { KIB_PER_PAGE = PAGE_SIZE / 1024, NS_PER_TICK = 10000000, NS_PER_CENTI = 10000000 };

static uint64_t uptime(void) {
    return clock_monotonic() - clock_start();
}

struct partitions {
    struct devices_listener listener;
    struct text *text;
};

static void add_partition(struct devices_listener *listener, unsigned major, unsigned minor,
                          uint64_t size, const char *name) {
    text_add(((struct partitions *)listener)->text, "%4u  %7u %10lu %s\n", major, minor,
             size, name);
}

long proc_partitions(struct text *t, unsigned whom) {
    struct partitions partitions = {{add_partition}, t};

    (void)whom;
    text_add(t, "major minor  #blocks  name\n\n");
    devices_tell(&partitions.listener);
    return 0;
}

long proc_meminfo(struct text *t, unsigned whom) {
    enum { NONE, TOTAL, FREE, AVAILABLE, USED, PROMISED, CACHED, SHARED, TABLES };
    static const struct {
        char name[16];
        uint8_t value;
    } lines[] = {
        {"MemTotal:", TOTAL},        {"MemFree:", FREE},      {"MemAvailable:", AVAILABLE},
        {"Buffers:", NONE},          {"Cached:", CACHED},     {"SwapCached:", NONE},
        {"Active:", USED},           {"Inactive:", NONE},     {"Active(anon):", USED},
        {"Inactive(anon):", NONE},   {"Active(file):", NONE}, {"Inactive(file):", NONE},
        {"Unevictable:", SHARED},    {"Mlocked:", NONE},      {"SwapTotal:", NONE},
        {"SwapFree:", NONE},         {"Dirty:", NONE},        {"Writeback:", NONE},
        {"AnonPages:", USED},        {"Mapped:", NONE},       {"Shmem:", SHARED},
        {"KReclaimable:", NONE},     {"Slab:", NONE},         {"SReclaimable:", NONE},
        {"SUnreclaim:", NONE},       {"PageTables:", TABLES}, {"CommitLimit:", TOTAL},
        {"Committed_AS:", PROMISED},
    };
    unsigned long total = page_count(), free = space_count_free();
    unsigned long cached = MIN(cache_pages_all, total - free);
    /* what no device has cannot be dropped */
    unsigned long kept = MIN(backing_kept, cached);
    const unsigned long values[] = {
        [TOTAL] = total,
        [FREE] = free,
        [AVAILABLE] = free + kept,
        [USED] = total - free - cached,
        [PROMISED] = total - free + space_promised(),
        [CACHED] = cached,
        [SHARED] = cached - kept,
        [TABLES] = pt_tables,
    };

    (void)whom;
    for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
        text_add(t, "%s", lines[i].name);
        for (size_t n = strlen(lines[i].name); n < 16; n++)
            text_put(t, " ", 1);
        text_add(t, "%8lu kB\n", values[lines[i].value] * KIB_PER_PAGE);
    }
    text_add(t,
             "HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 "
             "kB\n");
    return 0;
}

static unsigned usable_vcpus(void) {
    processors_follow();
    return vcpu_count();
}

/* Of all vCPUs since the program's start; what was used before that is not told. */
static uint64_t used_time(void) {
    uint64_t ns = 0, most = uptime() * usable_vcpus();

    clock_read(CLOCK_PROCESS_CPUTIME_ID, &ns);
    return MIN(ns, most);
}

long proc_uptime(struct text *t, unsigned whom) {
    uint64_t ns = uptime(), idle = ns * usable_vcpus() - used_time();

    (void)whom;
    text_add(t, "%lu.%02lu %lu.%02lu\n", ns / NS_PER_SEC, ns % NS_PER_SEC / NS_PER_CENTI,
             idle / NS_PER_SEC, idle % NS_PER_SEC / NS_PER_CENTI);
    return 0;
}

/* Threads that run or could, and switches so far. */
static unsigned count_running(unsigned long *switches) {
    unsigned running = 0;

    lock_take(&threads_lock);
    *switches = thread_past.switches + thread_past.preemptions;
    for (struct tree_node *at = tree_first(&threads); at; at = tree_next(at)) {
        const struct thread *t = TREE_RECORD(at, struct thread, by_tid);
        running += t->state == THREAD_READY;
        *switches += t->switches + t->preemptions;
    }
    lock_drop(&threads_lock);
    return running ? running : 1;
}

/*
 * Linux counts every 5 seconds who runs, and lets each count weigh less and less. Nothing
 * wakes up for that here: what the average has become since somebody looked last follows
 * from the processors' time that was used since. Who waits for a processor is not in it.
 */
enum { ONE = 2048, INTERVAL = 5 };

struct load {
    uint64_t until, used; /* where it ends; the time used by then */
    unsigned long average[3];
};

/* Weights of what was before, for each interval; of 2048. */
static unsigned long decay(unsigned which, uint64_t intervals) {
    static const unsigned factors[] = {1884, 2014, 2037};
    unsigned long f = factors[which], result = ONE;

    for (; intervals && f; intervals >>= 1) {
        if (intervals & 1)
            result = result * f / ONE;
        f = f * f / ONE;
    }
    return intervals ? 0 : result;
}

static void go_on(struct load *l, uint64_t now, uint64_t used) {
    uint64_t intervals = (now - l->until) / (INTERVAL * NS_PER_SEC);

    if (!intervals)
        return;
    unsigned long load = (used - l->used) / ((now - l->until) / ONE);
    for (unsigned i = 0; i < ARRAY_SIZE(l->average); i++) {
        unsigned long old = decay(i, intervals);
        l->average[i] = (l->average[i] * old + load * (ONE - old)) / ONE;
    }
    l->until = now;
    l->used = used;
}

long proc_loadavg(struct text *t, unsigned whom) {
    static struct load load;
    static struct mutex mutex;
    unsigned long switches;
    unsigned running = count_running(&switches);

    (void)whom;
    mutex_take(&mutex);
    go_on(&load, uptime(), used_time());
    for (unsigned i = 0; i < ARRAY_SIZE(load.average); i++)
        text_add(t, "%lu.%02lu ", load.average[i] / ONE, load.average[i] % ONE * 100 / ONE);
    mutex_drop(&mutex);
    text_add(t, "%u/%u %d\n", running, thread_live,
             thread_last ? thread_last : thread_main.tid);
    return 0;
}

/* What one vCPU, or all, have done, in ticks of 10 ms. */
struct shares {
    unsigned long user, idle, steal;
};

static struct shares shares_of(unsigned vcpu) {
    struct clock_account account = clock_account(vcpu);
    unsigned long all = uptime() / NS_PER_TICK;
    struct shares s = {.user = MIN(account.run / NS_PER_TICK, all)};

    s.steal = MIN(account.waited / NS_PER_TICK, all - s.user);
    s.idle = all - s.user - s.steal;
    return s;
}

static void add_shares(struct text *t, const struct shares *s) {
    text_add(t, " %lu 0 0 %lu 0 0 0 %lu 0 0\n", s->user, s->idle, s->steal);
}

long proc_system_stat(struct text *t, unsigned whom) {
    struct shares all = {0};
    unsigned long switches;
    unsigned running = count_running(&switches);

    (void)whom;
    for (unsigned i = 0; i < usable_vcpus(); i++) {
        struct shares s = shares_of(i);
        all.user += s.user;
        all.idle += s.idle;
        all.steal += s.steal;
    }
    text_add(t, "cpu ");
    add_shares(t, &all);
    for (unsigned i = 0; i < usable_vcpus(); i++) {
        struct shares s = shares_of(i);
        text_add(t, "cpu%u", i);
        add_shares(t, &s);
    }
    text_add(
        t,
        "intr %lu\nctxt %lu\nbtime %lu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n"
        "softirq 0 0 0 0 0 0 0 0 0 0 0\n",
        upcall_count(), switches, (clock_realtime() - uptime()) / NS_PER_SEC,
        thread_last ? thread_last : thread_main.tid, running);
    return 0;
}

/* Names by bits; "-" is one without. */
static const struct {
    uint32_t leaf;
    uint8_t word; /* of struct cpuid */
    const char *names;
} features[] = {
    {1, 3,
     "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush "
     "- "
     "dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe"},
    {0x80000001, 3,
     "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb "
     "rdtscp "
     "- lm"},
    {1, 2,
     "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr "
     "pdcm "
     "- pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c "
     "rdrand hypervisor"},
    {0x80000001, 2,
     "lahf_lm cmp_legacy svm - cr8_legacy abm sse4a misalignsse 3dnowprefetch"},
    {7, 1,
     "fsgsbase - - bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - - - avx512f avx512dq "
     "rdseed "
     "adx smap avx512ifma - clflushopt clwb - - - avx512cd sha_ni avx512bw avx512vl"},
};

static uint32_t word_of(const struct cpuid *c, unsigned word) {
    return word == 1 ? c->ebx : word == 2 ? c->ecx : c->edx;
}

static void add_features(struct text *t) {
    uint32_t most = cpuid(0, 0).eax;

    for (unsigned i = 0; i < ARRAY_SIZE(features); i++) {
        struct cpuid c = {0};
        if (features[i].leaf >> 31 || features[i].leaf <= most)
            c = cpuid(features[i].leaf, 0);
        const char *name = features[i].names;
        for (uint32_t bits = word_of(&c, features[i].word); *name; bits >>= 1) {
            size_t n = 0;
            while (name[n] && name[n] != ' ')
                n++;
            if (bits & 1 && *name != '-') {
                text_put(t, name, n);
                text_put(t, " ", 1);
            }
            name += n + (name[n] == ' ');
        }
    }
}

static void add_model_name(struct text *t) {
    size_t before = t->size;

    for (uint32_t leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        struct cpuid c = cpuid(leaf, 0);
        char part[sizeof c + 1] = "";
        memcpy(part, &c, sizeof c);
        text_put(t, part, strlen(part));
    }
    if (t->size == before)
        text_add(t, "unknown");
}

long proc_cpuinfo(struct text *t, unsigned whom) {
    struct cpuid vendor = cpuid(0, 0), c = cpuid(1, 0), sizes = cpuid(0x80000008, 0);
    const uint32_t name[] = {vendor.ebx, vendor.edx, vendor.ecx, 0};
    unsigned family = c.eax >> 8 & 15, model = c.eax >> 4 & 15;
    struct xen_time_rate rate = xen_time_rate();
    unsigned long khz = (1000000ul << 32) / rate.fraction;

    (void)whom;
    khz = rate.shift < 0 ? khz << -rate.shift : khz >> rate.shift;
    model += family == 15 || family == 6 ? (c.eax >> 16 & 15) << 4 : 0;
    family += family == 15 ? c.eax >> 20 & 255 : 0;
    for (unsigned i = 0; i < usable_vcpus(); i++) {
        text_add(t,
                 "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                 "model name\t: ",
                 i, (const char *)name, family, model);
        add_model_name(t);
        text_add(
            t,
            "\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\ncache size\t: 0 KB\n"
            "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n"
            "apicid\t\t: %u\ninitial apicid\t: %u\nfpu\t\t: yes\nfpu_exception\t: yes\n"
            "cpuid level\t: %u\nwp\t\t: yes\nflags\t\t: ",
            c.eax & 15, khz / 1000, khz % 1000, usable_vcpus(), i, usable_vcpus(), i, i,
            vendor.eax);
        add_features(t);
        text_add(
            t,
            "\nbugs\t\t: \nbogomips\t: %lu.%02lu\nclflush size\t: %u\n"
            "cache_alignment\t: 64\naddress sizes\t: %u bits physical, %u bits virtual\n"
            "power management:\n\n",
            khz / 500, khz / 5 % 100, (c.ebx >> 8 & 255) * 8, sizes.eax & 255,
            sizes.eax >> 8 & 255);
    }
    return 0;
}

/* As a list: "0-3". */
long proc_cpus(struct text *t, unsigned whom) {
    unsigned last = usable_vcpus() - 1;

    (void)whom;
    if (last)
        text_add(t, "0-%u\n", last);
    else
        text_add(t, "0\n");
    return 0;
}

long proc_file_nr(struct text *t, unsigned whom) {
    (void)whom;
    text_add(t, "%u\t0\t%u\n", fd_count(), FILES_MOST);
    return 0;
}

long proc_version(struct text *t, unsigned whom) {
    (void)whom;
    text_add(t, HOST_SYSTEM " version " ATMAN_VERSION " (" HOST_VERSION ")\n");
    return 0;
}

long proc_host_name(struct text *t, unsigned whom) {
    (void)whom;
    text_add(t, "%s\n", host_name());
    return 0;
}

long proc_set_host_name(unsigned whom, char *line, size_t size) {
    (void)whom;
    memcpy(host_name_set, line, MIN(size, sizeof host_name_set - 1) + 1);
    return 0;
}

static void add_uuid(struct text *t, const uint32_t w[4]) {
    text_add(t, "%08x-%04x-%04x-%04x-%04x%08x\n", w[0], w[1] >> 16, (w[1] & 0xfff) | 0x4000,
             (w[2] >> 16 & 0x3fff) | 0x8000, w[2] & 0xffff, w[3]);
}

long proc_uuid(struct text *t, unsigned whom) {
    uint32_t words[4];

    (void)whom;
    entropy_read(words, sizeof words);
    add_uuid(t, words);
    return 0;
}

long proc_boot_id(struct text *t, unsigned whom) {
    static uint32_t words[4];
    static struct mutex mutex;

    (void)whom;
    mutex_take(&mutex);
    if (!words[0])
        entropy_read(words, sizeof words);
    mutex_drop(&mutex);
    add_uuid(t, words);
    return 0;
}
