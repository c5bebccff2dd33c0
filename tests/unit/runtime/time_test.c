/* SPDX-License-Identifier: MIT */
/*
 * xen/time.c: ticks to nanoseconds as Xen's header says, between two looks at the
 * processor's counter; a clock that is changed at any instruction of reading it, which is
 * never read half old and half new; and several vCPUs' clocks, between which the reader is
 * moved.
 */
#include "xen/time.h"

#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pv/line.h"
#include "random.h"
#include "require.h"
#include "step.h"
#include "test.h"
#include "xen/lock.h"
#include "xen/now.h"

struct shared_info xen_shared_info;

static struct vcpu_time_info *const clock_page = &xen_shared_info.vcpu_info[0].time;

static uint64_t read_counter(void) {
    uint32_t low, high;

    __asm__ __volatile__("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* xen/include/public/xen.h, struct vcpu_time_info. */
static uint64_t model(uint64_t ticks, int shift, uint32_t fraction) {
    unsigned __int128 shifted = ticks;

    shifted = shift < 0 ? shifted >> -shift : shifted << shift;
    return (uint64_t)(shifted * fraction >> 32);
}

/* Nobody has read anything yet, and there is one vCPU. */
static void forget(void) {
    xen_now_shared = NULL;
    xen_now_latest = 0;
}

TEST(scale) {
    random_start(random_seed());
    for (int i = 0; i < 20000; i++) {
        int shift = (int)random_between(0, 40) - 20;
        uint32_t fraction = (uint32_t)random_next() | (random_one_in(2) ? 1u << 31 : 0);
        uint64_t ago =
            random_next() >> random_between(shift > 0 ? (size_t)shift + 2 : 2, 62);
        uint64_t since = random_magnitude() >> 1, before = read_counter();
        *clock_page = (struct vcpu_time_info){.version = 2 * (uint32_t)random_next(),
                                              .tsc_timestamp = before - ago,
                                              .system_time = since,
                                              .tsc_to_system_mul = fraction,
                                              .tsc_shift = (int8_t)shift};
        forget();
        uint64_t now = xen_time_system(), after = read_counter();
        uint64_t low = since + model(ago, shift, fraction);
        uint64_t high = since + model(after - before + ago, shift, fraction);
        REQUIRE_SAYING(now - low <= high - low, "%llu ticks, shift %d, fraction %u",
                       (unsigned long long)ago, shift, fraction);
    }
    CHECK(true);
}

TEST(goes_forward) {
    uint64_t last = 0;

    forget();
    *clock_page = (struct vcpu_time_info){.tsc_timestamp = read_counter(),
                                          .system_time = 5,
                                          .tsc_to_system_mul = 0xb2345678,
                                          .tsc_shift = -1};
    for (int i = 0; i < 10000; i++) {
        uint64_t now = xen_time_system();
        REQUIRE(now >= last);
        last = now;
    }
    CHECK(last < 60 * NS_PER_SEC);
}

TEST(wall_clock) {
    xen_shared_info.wc_version = 4;
    xen_shared_info.wc_sec = 1700000000;
    xen_shared_info.wc_nsec = 123456789;
    xen_shared_info.wc_sec_hi = 0;
    CHECK_EQ(xen_time_wall_base(), 1700000000123456789);
    xen_shared_info.wc_sec_hi = 1; /* the year 2156 */
    CHECK_EQ(xen_time_wall_base(), (1700000000ull + (1ull << 32)) * NS_PER_SEC + 123456789);
}

/* --- changes while it is read ------------------------------------------------------- */

/* Where Xen is in changing the two clocks; it does a step of that at some instructions. */
static unsigned stage;
static uint64_t seconds; /* of the wall clock: nanoseconds are a function of them */

static uint32_t nanoseconds_for(uint64_t at) {
    return (uint32_t)(at * 7919 % NS_PER_SEC);
}

/*
 * All clocks tick once a nanosecond, so that any of them says what the counter says; but
 * each does so with other numbers, and two that are mixed are far off.
 */
static void change_a_little(void) {
    static unsigned magnitude;

    switch (stage++) {
    case 0:
        clock_page->version++;
        break;
    case 1:
        clock_page->tsc_timestamp = read_counter() - (random_next() >> 30);
        break;
    case 2:
        clock_page->system_time = clock_page->tsc_timestamp;
        break;
    case 3:
        magnitude = (unsigned)random_between(1, 24);
        clock_page->tsc_to_system_mul = 1u << (32 - magnitude);
        break;
    case 4:
        clock_page->tsc_shift = (int8_t)magnitude;
        break;
    case 5:
        clock_page->version++;
        break;
    case 6:
        xen_shared_info.wc_version++;
        break;
    case 7:
        seconds = random_next() >> 31;
        xen_shared_info.wc_sec = (uint32_t)seconds;
        break;
    case 8:
        xen_shared_info.wc_sec_hi = (uint32_t)(seconds >> 32);
        break;
    case 9:
        xen_shared_info.wc_nsec = nanoseconds_for(seconds);
        break;
    default:
        xen_shared_info.wc_version++;
        stage = 0;
    }
}

/* Bursts, so that some reads are not disturbed and others are several times. */
static void change_sometimes(void) {
    static unsigned wait;

    if (wait) {
        wait--;
        return;
    }
    change_a_little();
    wait = (unsigned)random_below(random_one_in(4) ? 120 : 6);
}

TEST(never_torn) {
    random_start(random_seed());
    clock_page->version = xen_shared_info.wc_version = ~0u - 40; /* odd next; it wraps */
    clock_page->version &= ~1u;
    xen_shared_info.wc_version &= ~1u;
    for (stage = 0; change_a_little(), stage;)
        ;
    forget();
    for (int i = 0; i < 400; i++) {
        uint64_t before = read_counter();
        step_start(change_sometimes);
        uint64_t now = xen_time_system();
        step_stop();
        uint64_t after = read_counter();
        REQUIRE_SAYING(now >= before && now <= after, "%llu is not from %llu to %llu",
                       (unsigned long long)now, (unsigned long long)before,
                       (unsigned long long)after);
        step_start(change_sometimes);
        uint64_t wall = xen_time_wall_base();
        step_stop();
        REQUIRE_SAYING(wall % NS_PER_SEC == nanoseconds_for(wall / NS_PER_SEC), "%llu",
                       (unsigned long long)wall);
    }
    CHECK(true);
}

/* --- several vCPUs ------------------------------------------------------------------- */

enum { VCPUS = 3, MOST_APART = 100000 };

/* What %gs points at, on the vCPU that the thread is on. */
static struct {
    struct vcpu_info info __attribute__((aligned(PAGE_SIZE)));
    struct line line __attribute__((aligned(PAGE_SIZE)));
} places[VCPUS];
static unsigned place;

void events_on(void) {
    if (!--places[place].line.depth)
        places[place].info.evtchn_upcall_mask = 0;
}

static void move_to(unsigned vcpu) {
    place = vcpu;
    places[place].line.index = vcpu;
    syscall(SYS_arch_prctl, ARCH_SET_GS, &places[place]);
}

/* Clocks that are apart by some time, and say so or not. */
static void set_clocks(uint8_t flags) {
    for (unsigned i = 0; i < VCPUS; i++)
        xen_shared_info.vcpu_info[i].time = (struct vcpu_time_info){
            .system_time = 1 << 20 | random_below(MOST_APART),
            .tsc_to_system_mul = 1u << 31,
            .tsc_shift = 1,
            .flags = flags,
        };
}

static void move_sometimes(void) {
    if (xen_now_shared && random_one_in(5) && !places[place].info.evtchn_upcall_mask)
        move_to((unsigned)random_below(VCPUS));
}

TEST(several_vcpus) {
    uint64_t last = 0;

    random_start(random_seed());
    forget();
    set_clocks(0);
    move_to(0);
    for (int i = 0; i < 300; i++) {
        uint64_t before = read_counter();
        if (i == 100)
            xen_time_share();
        step_start(move_sometimes);
        uint64_t now = xen_time_system();
        step_stop();
        uint64_t after = read_counter(), all = after - before + MOST_APART;
        REQUIRE(!places[place].info.evtchn_upcall_mask && !places[place].line.depth);
        REQUIRE_SAYING(now >= last, "%llu after %llu", (unsigned long long)now,
                       (unsigned long long)last);
        REQUIRE(now == last || now - before - (1 << 20) <= all);
        last = now;
    }
    CHECK(xen_now_latest == last);
}

/* One that is moved while it reads the only clock there was does not return what nobody
 * else knows of. */
static void begin_to_share(void) {
    if (!xen_now_shared && random_one_in(30)) {
        xen_time_share();
        move_to(1);
    }
}

TEST(second_vcpu_starts) {
    random_start(random_seed());
    for (int i = 0; i < 300; i++) {
        forget();
        set_clocks(0);
        move_to(0);
        step_start(begin_to_share);
        uint64_t now = xen_time_system();
        step_stop();
        if (xen_now_shared)
            REQUIRE(now <= xen_now_latest);
    }
    CHECK(true);
}

/* A common clock needs no memory. */
TEST(common_clock) {
    forget();
    set_clocks(XEN_PVCLOCK_TSC_STABLE_BIT);
    move_to(0);
    CHECK(xen_time_system() && !xen_now_latest);
    xen_time_share();
    move_to(1);
    CHECK(xen_time_system() && !xen_now_latest);
}
