/* SPDX-License-Identifier: MIT */
/*
 * The frames, the mapping of them into this process, and the tables that a domain's
 * builder leaves. Invariant: the process's memory in the direct map and in the program's
 * space is exactly what the tables say.
 */
#include "machine/machine.h"

#include <sys/mman.h>
#include <unistd.h>

#include "machine/frames.h"
#include "mm/space.h"
#include "random.h"
#include "require.h"

enum { REGION = 0x200000, DIRECT_SIZE = MACHINE_FRAMES * PAGE_SIZE + 4 * REGION };

/* The direct map's place. In assembler, so that no red zone of the sanitizer is in it. */
__asm__(".pushsection .bss.machine, \"aw\", @nobits\n"
        ".balign 0x200000\n"
        ".globl atman_image_start, atman_rodata_start, atman_rodata_end, atman_image_end\n"
        ".globl xen_shared_info, atman_own_start, atman_own_end\n"
        ".globl atman_text_start, atman_text_end\n"
        ".set atman_text_start, 0x400000\n"
        ".set atman_text_end, 0x400800\n"
        "atman_image_start: atman_rodata_start: .skip 2 * 4096\n"
        "atman_rodata_end: .skip 4 * 4096\n"
        "xen_shared_info: atman_own_start: .skip 4096\n"
        "atman_own_end: .skip 4096\n"
        "atman_image_end: .skip (8192 - 8) * 4096 + 4 * 0x200000\n"
        ".popsection");

unsigned long machine_m2p[2 * MACHINE_FRAMES];
struct frame frames[MACHINE_FRAMES];
size_t frames_count;
unsigned frames_now = 1;

static unsigned long p2m[MACHINE_FRAMES];
static struct start_info start_info;
static char *memory;
static int file;

/* Spreads the numbers: odd factors are bijections modulo a power of two. */
static mfn_t choose_mfn(pfn_t pfn) {
    return FRAMES_FIRST_MFN + (pfn * 4099 + 77) % MACHINE_FRAMES;
}

long frames_find(mfn_t mfn) {
    unsigned long pfn = mfn < ARRAY_SIZE(machine_m2p) ? machine_m2p[mfn] : ~0ul;

    return pfn < frames_count ? (long)pfn : FRAMES_NONE;
}

bool frames_is_direct(unsigned long va) {
    return va - (unsigned long)atman_image_start < DIRECT_SIZE;
}

void *machine_frame(pfn_t pfn) {
    REQUIRE_SAYING(pfn < frames_count, "frame %lu", pfn);
    return memory + pfn * PAGE_SIZE;
}

static void map_host(unsigned long va, size_t size, int prot, pfn_t pfn) {
    bool none = prot == PROT_NONE;
    void *at =
        mmap((void *)va, size, prot,
             MAP_FIXED | (none ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED),
             none ? -1 : file, none ? 0 : (off_t)(pfn * PAGE_SIZE));

    REQUIRE(at == (void *)va);
}

void frames_map(unsigned long va, pte_t entry) {
    int prot = entry & PTE_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;

    REQUIRE_SAYING(frames_is_direct(va) || (va >= SPACE_START && va < SPACE_END),
                   "0x%lx is mapped", va);
    if (entry & PTE_PRESENT)
        map_host(va, PAGE_SIZE, prot, pt_frame(entry));
    else
        map_host(va, PAGE_SIZE, PROT_NONE, 0);
}

/* The builder's next table; they follow each other, as it makes them. */
static pte_t *new_table(pfn_t *next, unsigned level, unsigned long va) {
    struct frame *frame = &frames[*next];

    frame->level = (uint8_t)level;
    frame->base = ROUND_DOWN(va, 1ul << (PAGE_SHIFT + 9 * level));
    return machine_frame((*next)++);
}

/* The entry for va, with all tables above it; no region can be executed. */
static pte_t *find_entry(pfn_t *next, unsigned long va) {
    pte_t *table = machine_frame(pt_direct_pfn((void *)start_info.pt_base));

    for (unsigned level = PT_LEVELS; level > 1; level--) {
        pte_t *entry = &table[pt_index(va, level)];
        if (!*entry) {
            pfn_t made = *next;
            new_table(next, level - 1, va);
            *entry = pt_entry(made, level == 2 ? PTE_TABLE | PTE_NX : PTE_TABLE);
        }
        table = machine_frame(machine_m2p[(*entry & PTE_FRAME) >> PAGE_SHIFT]);
    }
    return &table[pt_index(va, 1)];
}

static void write_entries(size_t mapped_end, pfn_t first_table, pfn_t end_tables) {
    pfn_t next = end_tables;

    for (pfn_t pfn = 0; pfn < mapped_end; pfn++) {
        bool table = pfn >= first_table && pfn < end_tables;
        bool fixed = table || pt_direct(pfn) < (void *)atman_rodata_end;
        bool shared = pfn == MACHINE_SHARED;
        unsigned long flags = fixed ? PTE_READ_ONLY : PTE_READ_WRITE;
        *find_entry(&next, (unsigned long)pt_direct(pfn)) =
            shared ? (unsigned long)FRAMES_FOREIGN_MFN << PAGE_SHIFT | flags
                   : pt_entry(pfn, flags);
        frames[pfn].writable = !fixed && !shared;
        if (fixed)
            REQUIRE(!mprotect(pt_direct(pfn), PAGE_SIZE, PROT_READ));
    }
    REQUIRE(next == end_tables);
}

/* Tables for the frames that the builder maps; returns where they end. */
static pfn_t make_tables(size_t mapped_end) {
    pfn_t next = MACHINE_IMAGE;

    start_info.pt_base = (unsigned long)pt_direct(next);
    new_table(&next, PT_LEVELS, 0);
    for (pfn_t pfn = 0; pfn < mapped_end; pfn++)
        find_entry(&next, (unsigned long)pt_direct(pfn));
    return next;
}

pfn_t machine_start(const struct machine_plan *plan) {
    REQUIRE(!memory && plan->frames <= MACHINE_FRAMES && plan->mapped_end <= plan->frames);
    frames_count = plan->frames;
    file = memfd_create("machine", MFD_CLOEXEC);
    REQUIRE(file >= 0 && !ftruncate(file, (off_t)(frames_count * PAGE_SIZE)));
    memory =
        mmap(NULL, frames_count * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    REQUIRE(memory != MAP_FAILED);
    for (size_t i = 0; i < ARRAY_SIZE(machine_m2p); i++)
        machine_m2p[i] = ~0ul;
    for (pfn_t pfn = 0; pfn < frames_count; pfn++) {
        p2m[pfn] = choose_mfn(pfn);
        machine_m2p[p2m[pfn]] = pfn;
        frames[pfn].reserved = pfn - plan->hole < plan->hole_size;
    }
    start_info.nr_pages = plan->frames;
    start_info.mfn_list = (unsigned long)p2m;
    start_info.first_p2m_pfn = plan->hole;
    start_info.nr_p2m_frames = plan->hole_size;
    xen_start_info = &start_info;
    map_host((unsigned long)atman_image_start, DIRECT_SIZE, PROT_NONE, 0);
    map_host((unsigned long)atman_image_start, plan->mapped_end * PAGE_SIZE,
             PROT_READ | PROT_WRITE, 0);
    pfn_t first = make_tables(plan->mapped_end);
    write_entries(plan->mapped_end, MACHINE_IMAGE, first);
    return first;
}

struct machine_plan machine_random_plan(void) {
    struct machine_plan plan = {.frames = random_between(256, MACHINE_FRAMES)};

    if (random_one_in(2))
        plan.frames = random_between(256, 1024);
    plan.mapped_end = random_between(48, MIN(plan.frames, 1024ul));
    if (!random_one_in(4)) {
        plan.hole_size = random_between(1, MIN(16ul, plan.frames - plan.mapped_end + 1));
        plan.hole_size = MIN(plan.hole_size, plan.frames - plan.mapped_end);
    }
    size_t last = plan.frames - plan.hole_size;
    plan.hole = random_one_in(3)   ? plan.mapped_end
                : random_one_in(2) ? last
                                   : random_between(plan.mapped_end, last);
    return plan;
}

bool machine_is_executable(unsigned long va) {
    bool allowed = true;

    for (unsigned level = PT_LEVELS; level; level--) {
        const pte_t *entry = pt_find(va, level);
        allowed = allowed && entry && *entry & PTE_PRESENT && !(*entry & PTE_NX);
    }
    return allowed;
}

size_t machine_count_tables(void) {
    size_t n = 0;

    for (size_t i = 0; i < frames_count; i++)
        n += frames[i].level > 0;
    return n;
}

unsigned machine_count_mappings(pfn_t pfn) {
    return frames[pfn].elsewhere;
}

unsigned machine_count_writable(pfn_t pfn) {
    return frames[pfn].writable;
}

bool machine_is_stale(void) {
    for (size_t i = 0; i < frames_count; i++)
        if (frames[i].stale >= frames_now)
            return true;
    return false;
}
