/* SPDX-License-Identifier: MIT */
/*
 * console/channel.c with a fake atman-run on the other side of the shared rings
 * (runtime/include/rings_abi.h): bytes arrive once and in order, a side that sleeps is
 * woken, and indices that make no sense touch nothing outside of the rings.
 */
#include "console/channel.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "console/console.h"
#include "console/ports.h"
#include "mm/page.h"
#include "pv/pagetable.h"
#include "random.h"
#include "require.h"
#include "rings_abi.h"
#include "scenario.h"
#include "step.h"
#include "test.h"
#include "xen/event.h"
#include "xen/time.h"

enum { FRAMES = 16, FIRST_MFN = 100, PATIENCE = 200 };

/* The direct map. A frame is a kernel page if its number is odd; the rest are fences. */
__asm__(".pushsection .bss.channel, \"aw\", @nobits\n"
        ".balign 4096\n"
        ".globl atman_image_start\n"
        "atman_image_start: .skip 16 * 4096\n"
        ".popsection");

static unsigned long p2m[FRAMES];
static struct start_info start_info = {.mfn_list = (unsigned long)p2m};
static unsigned pages_given, pages_left;

static struct rings_page *rings; /* as atman-run found it */
static bool asleep, hostile;
static unsigned input_requests, bells, idle_sleeps;
static uint64_t now, sent[RINGS_COUNT], taken[RINGS_COUNT], to_type;

void *page_alloc_kernel(void) {
    return pages_left ? pages_left--, pt_direct(2 * pages_given++ + 1) : NULL;
}

static char byte_of(unsigned ring, uint64_t n) {
    return (char)(n * 31 + n / 251 + ring * 50);
}

/* --- atman-run ---------------------------------------------------------------------- */

static void *find_machine_page(uint64_t address) {
    for (pfn_t pfn = 0; pfn < FRAMES; pfn++)
        if (p2m[pfn] << PAGE_SHIFT == address)
            return pt_direct(pfn);
    require_failed(__FILE__, __LINE__, "a page of the machine", "");
}

static void take_line(const char *line) {
    char *end;

    if (!strncmp(line, "\001ring ", 6)) {
        REQUIRE(!rings);
        rings = find_machine_page(strtoul(line + 6, &end, 16));
        REQUIRE(!strcmp(end, "\n") && rings->magic == RINGS_MAGIC);
    } else {
        REQUIRE(!strcmp(line, "\001stdin\n"));
        input_requests++;
    }
}

bool ports_listen(upcall_handler *handler) {
    (void)handler;
    return false;
}

void ports_write(enum console_stream stream, const char *data, size_t size) {
    char line[64];

    step_pause();
    REQUIRE(stream == CONSOLE_LOG && size && size < sizeof line);
    memcpy(line, data, size);
    line[size] = '\0';
    if (*line == 2) {
        REQUIRE(size == 1);
        bells++;
    } else {
        take_line(line);
    }
    asleep = false; /* it reads the port in its sleep */
    step_resume();
}

static char *byte_at(unsigned index, uint32_t at) {
    const struct rings_ring *ring = &rings->ring[index];

    REQUIRE(ring->pages == 1);
    return (char *)find_machine_page(ring->page[0]) + at % RINGS_PAGE;
}

static bool take_output(unsigned index) {
    struct rings_ring *ring = &rings->ring[index];
    uint32_t held = ring->head - ring->tail;

    REQUIRE(held <= RINGS_PAGE);
    for (size_t n = random_below(held + 1); n; n--, ring->tail++)
        REQUIRE(*byte_at(index, ring->tail) == byte_of(index, taken[index]++));
    return held;
}

static bool put_input(void) {
    struct rings_ring *ring = &rings->ring[RINGS_STDIN];
    size_t room = RINGS_PAGE - (ring->head - ring->tail),
           left = to_type - sent[RINGS_STDIN];

    REQUIRE(room <= RINGS_PAGE);
    if (!input_requests)
        return false;
    for (size_t n = random_below(MIN(room, left) + 1); n; n--, ring->head++)
        *byte_at(RINGS_STDIN, ring->head) = byte_of(RINGS_STDIN, sent[RINGS_STDIN]++);
    ring->closed = sent[RINGS_STDIN] == to_type;
    return room && left;
}

/* Works as long as there is something to do; then sleeps, as the header says. */
static void act(void) {
    bool busy;

    if (asleep || !rings)
        return;
    do {
        rings->bell = 0;
        busy = take_output(RINGS_STDOUT);
        busy = take_output(RINGS_STDERR) || busy;
        busy = put_input() || busy;
        if (random_one_in(3))
            return;
    } while (busy);
    rings->bell = 1;
    asleep = true;
}

static void do_harm(void) {
    struct rings_ring *ring = &rings->ring[random_below(RINGS_COUNT)];
    uint32_t *index = random_one_in(2) ? &ring->head : &ring->tail;

    *index = random_one_in(2) ? (uint32_t)random_next()
                              : ring->head + (uint32_t)random_below(9000) - 4500;
}

void event_sleep(uint64_t until) {
    step_pause();
    bool was_asleep = asleep;
    REQUIRE(until > now && until - now <= NS_PER_SEC);
    now = until;
    if (hostile)
        do_harm();
    else
        act();
    idle_sleeps = was_asleep && asleep && !hostile ? idle_sleeps + 1 : 0;
    REQUIRE_SAYING(idle_sleeps < PATIENCE, "both sides sleep");
    step_resume();
}

uint64_t xen_time_system(void) {
    return now;
}

/* --- the tests ----------------------------------------------------------------------- */

static void start(unsigned pages) {
    for (pfn_t pfn = 0; pfn < FRAMES; pfn++) {
        p2m[pfn] = FIRST_MFN + (pfn * 7 + 3) % FRAMES;
        if (pfn % 2 == 0)
            REQUIRE(!mprotect(pt_direct(pfn), PAGE_SIZE, PROT_NONE));
    }
    xen_start_info = &start_info;
    pages_left = pages;
}

static void start_at_random_indices(void) {
    start(4);
    REQUIRE(channel_open() && channel_open() && rings);
    for (unsigned i = 0; i < RINGS_COUNT; i++)
        rings->ring[i].head = rings->ring[i].tail =
            random_one_in(2) ? ~0u - 2000 : (uint32_t)random_next();
}

/* Between two instructions atman-run works, and may fall asleep. */
static void act_sometimes(void) {
    if (random_one_in(150))
        act();
}

static void write_some(size_t most, bool stepped) {
    unsigned index = random_one_in(3) ? RINGS_STDERR : RINGS_STDOUT;
    size_t size = random_below(most + 1);
    char *data = malloc(size + !size);

    for (size_t i = 0; i < size; i++)
        data[i] = byte_of(index, sent[index] + i);
    if (stepped)
        step_start(act_sometimes);
    long written =
        channel_write(index == RINGS_STDERR ? CONSOLE_ERR : CONSOLE_OUT, data, size);
    step_stop();
    REQUIRE(written == (long)size);
    sent[index] += size;
    free(data);
}

/* Nobody rings again: what is there by now, or soon, has to arrive. */
static void finish_output(void) {
    for (int i = 0; i < PATIENCE; i++)
        act();
    REQUIRE(taken[RINGS_STDOUT] == sent[RINGS_STDOUT]);
    REQUIRE(taken[RINGS_STDERR] == sent[RINGS_STDERR]);
}

static void run_output(void) {
    start_at_random_indices();
    for (int i = 0; i < 500; i++)
        write_some(random_one_in(4) ? 20000 : 100, false);
    finish_output();
    REQUIRE(!input_requests && bells);
}

static void run_output_stepped(void) {
    start_at_random_indices();
    for (int i = 0; i < 40; i++)
        write_some(10, true);
    finish_output();
}

static void run_input(void) {
    start_at_random_indices();
    to_type = random_below(60000);
    for (size_t got = 0;;) {
        size_t size = random_between(1, random_one_in(3) ? 9000 : 40);
        char *data = malloc(size);
        size_t n = (size_t)channel_read(data, size);
        REQUIRE(n <= size && (n || got == to_type));
        for (size_t i = 0; i < n; i++)
            REQUIRE(data[i] == byte_of(RINGS_STDIN, got + i));
        free(data);
        if (!n)
            break;
        got += n;
    }
    char more;
    REQUIRE(channel_read(&more, 1) == 0); /* the end stays the end */
    REQUIRE(input_requests == 1);
}

static void do_harm_sometimes(void) {
    if (random_one_in(40))
        do_harm();
}

static void run_enemy(void) {
    start_at_random_indices();
    hostile = true;
    for (int i = 0; i < 60; i++) {
        size_t size = random_between(1, 12);
        char *data = calloc(1, size);
        bool stepped = i % 4 == 0;
        do_harm();
        if (stepped)
            step_start(do_harm_sometimes);
        if (random_one_in(2))
            channel_write(CONSOLE_OUT, data, size);
        else
            channel_read(data, size);
        step_stop();
        free(data);
    }
}

static void run_no_memory(void) {
    start((unsigned)random_below(4));
    REQUIRE(!channel_open() && !channel_open() && !rings);
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(output, 6)
SCENARIO(output_stepped, 3)
SCENARIO(input, 6)
SCENARIO(enemy, 3)
SCENARIO(no_memory, 8)
