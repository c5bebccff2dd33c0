/* SPDX-License-Identifier: MIT */
/*
 * xen/grant.c: what Xen finds in the table is right at every moment; references are given
 * once; and whatever the other side maps and for how long, no page that it can still reach
 * is freed, and every page comes back in the end.
 */
#include "xen/grant.h"

#include <errno.h>
#include <pthread.h>

#include "mm/lock.h"
#include "mm/page.h"
#include "pv/away.h"
#include "pv/pagetable.h"
#include "random.h"
#include "require.h"
#include "scenario.h"
#include "step.h"
#include "test.h"
#include "xen/hypercall.h"
#include "xen/suspend.h"

enum {
    PAGES = 3000,
    MFN = 1000,       /* of page 0 */
    TABLE_MFN = 9000, /* of the table's frame 0 */
    FRAMES = 4,       /* that Xen gives */
    ENTRIES = PAGE_SIZE / sizeof(struct grant_entry_v1),
    OTHER = 3,
};

__asm__(".pushsection .bss.pages, \"aw\", @nobits\n"
        ".balign 4096\n"
        ".globl atman_image_start\n"
        "atman_image_start: .skip 3000 * 4096\n"
        ".popsection");

unsigned long machine_m2p[MFN + PAGES];
static unsigned long p2m[PAGES];
static struct start_info start_info;

static uint32_t used[PAGES]; /* atomic */
static size_t pages_left;
static struct grant_entry_v1 *frames[FRAMES];
static unsigned frames_given;
static bool narrowed, queued;

/* --- locks and memory --------------------------------------------------------------- */

struct lock mm_lock;

void lock_take(struct lock *lock) {
    while (__atomic_exchange_n(&lock->word, 1, __ATOMIC_ACQUIRE))
        ;
}

void lock_drop(struct lock *lock) {
    REQUIRE(lock->word);
    __atomic_store_n(&lock->word, 0, __ATOMIC_RELEASE);
}

void *page_alloc_kernel(void) {
    for (pfn_t pfn = 1; pages_left && pfn < PAGES; pfn++)
        if (!__atomic_exchange_n(&used[pfn], 1, __ATOMIC_SEQ_CST)) {
            __atomic_sub_fetch(&pages_left, 1, __ATOMIC_SEQ_CST);
            return memset(pt_direct(pfn), 0, PAGE_SIZE);
        }
    return NULL;
}

/* No valid entry may lead to it; the caller holds the table's lock, so none comes. */
void page_free_kernel(void *page) {
    pfn_t pfn = pt_direct_pfn(page);

    for (grant_ref_t ref = 0; ref < frames_given * ENTRIES; ref++) {
        struct grant_entry_v1 *entry = &frames[ref / ENTRIES][ref % ENTRIES];
        REQUIRE(!__atomic_load_n(&entry->flags, __ATOMIC_SEQ_CST) ||
                entry->frame != MFN + pfn);
    }
    REQUIRE(__atomic_exchange_n(&used[pfn], 0, __ATOMIC_SEQ_CST));
    __atomic_add_fetch(&pages_left, 1, __ATOMIC_SEQ_CST);
}

/* --- Xen ---------------------------------------------------------------------------- */

void pt_narrow(void) {
    REQUIRE(mm_lock.word);
    narrowed = true;
}

/* What is in the table's frame while the page's own is in its place, and the other way. */
static char hidden[FRAMES][PAGE_SIZE];

static void swap(char *page, char *with) {
    static char kept[PAGE_SIZE];

    memcpy(kept, page, PAGE_SIZE);
    memcpy(page, with, PAGE_SIZE);
    memcpy(with, kept, PAGE_SIZE);
}

static bool set_again(unsigned long va, mfn_t frame) {
    for (unsigned i = 0; i < frames_given; i++)
        if (va == (unsigned long)frames[i]) {
            REQUIRE(frame == TABLE_MFN + i || frame == p2m[pt_direct_pfn((void *)va)]);
            swap((char *)va, hidden[i]);
            return true;
        }
    return false;
}

int pt_set(unsigned long va, pte_t pte) {
    REQUIRE(mm_lock.word && narrowed && used[pt_direct_pfn((void *)va)]);
    REQUIRE((pte & ~PTE_FRAME) == PTE_READ_WRITE);
    queued = true;
    if (set_again(va, (pte & PTE_FRAME) >> PAGE_SHIFT))
        return 0;
    REQUIRE((pte & PTE_FRAME) >> PAGE_SHIFT == TABLE_MFN + frames_given);
    frames[frames_given++] = (struct grant_entry_v1 *)va;
    return 0;
}

void pt_commit(void) {
    REQUIRE(mm_lock.word && queued);
    narrowed = queued = false;
}

static long setup(struct gnttab_setup_table *op) {
    op->status = op->nr_frames > FRAMES ? GNTST_general_error : GNTST_okay;
    for (unsigned i = 0; !op->status && i < op->nr_frames; i++)
        op->frame_list.p[i] = TABLE_MFN + i;
    return 0;
}

static unsigned frames_claimed; /* by Xen: it may give fewer in the end */

long hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
               unsigned long a5, unsigned long number) {
    struct gnttab_query_size *query = (void *)a2;

    REQUIRE(number == __HYPERVISOR_grant_table_op && a3 == 1 && !a4 && !a5);
    if (a1 == GNTTABOP_setup_table)
        return setup((void *)a2);
    REQUIRE(a1 == GNTTABOP_query_size);
    query->max_nr_frames = frames_claimed;
    query->nr_frames = 1;
    return 0;
}

static struct grant_entry_v1 *entry_of(grant_ref_t ref) {
    REQUIRE(ref >= GNTTAB_NR_RESERVED_ENTRIES && ref < frames_given * ENTRIES);
    return &frames[ref / ENTRIES][ref % ENTRIES];
}

static bool map(grant_ref_t ref) {
    struct grant_entry_v1 *entry = entry_of(ref);
    uint16_t flags = __atomic_load_n(&entry->flags, __ATOMIC_SEQ_CST), now;

    do {
        if ((flags & GTF_type_mask) != GTF_permit_access)
            return false;
        now = flags | GTF_reading;
        if (!(flags & GTF_readonly))
            now |= GTF_writing;
    } while (!__atomic_compare_exchange_n(&entry->flags, &flags, now, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    REQUIRE(entry->domid == OTHER);
    REQUIRE(used[machine_m2p[entry->frame]]);
    return true;
}

static void unmap(grant_ref_t ref) {
    __atomic_fetch_and(&entry_of(ref)->flags, (uint16_t)~(GTF_reading | GTF_writing),
                       __ATOMIC_SEQ_CST);
}

/* --- tests -------------------------------------------------------------------------- */

static void start(size_t pages) {
    for (pfn_t i = 0; i < PAGES; i++) {
        p2m[i] = MFN + i;
        machine_m2p[MFN + i] = i;
    }
    start_info.mfn_list = (unsigned long)p2m;
    xen_start_info = &start_info;
    pages_left = pages;
    frames_claimed = FRAMES;
}

static void check_entry(long ref, const void *page, bool read_only) {
    REQUIRE(ref > 0);
    struct grant_entry_v1 *entry = entry_of((grant_ref_t)ref);
    REQUIRE(entry->flags == (GTF_permit_access | (read_only ? GTF_readonly : 0)));
    REQUIRE(entry->domid == OTHER && entry->frame == MFN + pt_direct_pfn(page));
}

static void run_life(void) {
    long ref, second;

    start(3);
    char *page = grant_new(OTHER, true, &ref);
    REQUIRE(page && frames_given == 1);
    check_entry(ref, page, true);
    for (size_t i = 0; i < PAGE_SIZE; i++)
        REQUIRE(!page[i]);
    second = grant_page(OTHER, page, false);
    REQUIRE(second != ref);
    check_entry(second, page, false);
    REQUIRE(grant_end((grant_ref_t)second) && !entry_of((grant_ref_t)second)->flags);
    REQUIRE(grant_page(OTHER, page, false) == second);
    REQUIRE(grant_end((grant_ref_t)second));
    grant_free((grant_ref_t)ref);
    REQUIRE(pages_left == 2 && !grant_settle());
}

static void run_held(void) {
    long ref, other;

    start(10);
    char *page = grant_new(OTHER, false, &ref), *next = grant_new(OTHER, false, &other);
    REQUIRE(page && next && map((grant_ref_t)ref));
    struct grant_entry_v1 before = *entry_of((grant_ref_t)ref);
    REQUIRE(!grant_end((grant_ref_t)ref));
    REQUIRE(!memcmp(&before, entry_of((grant_ref_t)ref), sizeof before));
    grant_free((grant_ref_t)ref);
    REQUIRE(pages_left == 7 && grant_settle() == 1 && pages_left == 7);
    REQUIRE(!memcmp(&before, entry_of((grant_ref_t)ref), sizeof before));
    grant_free((grant_ref_t)other);
    unmap((grant_ref_t)ref);
    REQUIRE(!map((grant_ref_t)other));
    REQUIRE(!grant_settle() && pages_left == 9);
    REQUIRE(!map((grant_ref_t)ref));
}

/* What was left behind comes back by granting alone, too. */
static void run_held_and_forgotten(void) {
    long ref, other;

    start(10);
    REQUIRE(grant_new(OTHER, false, &ref) && map((grant_ref_t)ref));
    char *page = grant_new(OTHER, false, &other);
    grant_free((grant_ref_t)ref);
    unmap((grant_ref_t)ref);
    REQUIRE(pages_left == 7);
    for (int i = 0; i < 2 * ENTRIES; i++) {
        long again = grant_page(OTHER, page, true);
        REQUIRE(again > 0 && grant_end((grant_ref_t)again));
    }
    REQUIRE(pages_left == 8);
}

static void run_full(void) {
    static long refs[FRAMES * ENTRIES];
    static bool given[FRAMES * ENTRIES];
    size_t count = 0;

    start(PAGES - 1);
    frames_claimed = random_one_in(2) ? FRAMES : FRAMES + 1 + (unsigned)random_below(1000);
    while ((refs[count] = grant_page(OTHER, pt_direct(PAGES - 1 - count), false)) > 0) {
        REQUIRE(!given[refs[count]]);
        given[refs[count]] = true;
        check_entry(refs[count], pt_direct(PAGES - 1 - count), false);
        count++;
    }
    REQUIRE(refs[count] == -ENOSPC && frames_given == FRAMES);
    REQUIRE(count == FRAMES * ENTRIES - GNTTAB_NR_RESERVED_ENTRIES);
    REQUIRE(pages_left == PAGES - 1 - FRAMES);
    size_t some = random_below(count);
    REQUIRE(grant_end((grant_ref_t)refs[some]));
    REQUIRE(grant_page(OTHER, pt_direct(PAGES - 1 - some), true) == refs[some]);
}

static void run_refused(void) {
    long ref;

    start(0);
    REQUIRE(!grant_new(OTHER, true, &ref) && ref == -ENOMEM);
    pages_left = 1; /* there is none for the table */
    REQUIRE(!grant_new(OTHER, true, &ref) && ref == -ENOMEM && pages_left == 1);
    pages_left = 2;
    REQUIRE(grant_new(OTHER, true, &ref));
    start(5);
    p2m[2] = 1ul << 32; /* a frame that has no room in an entry */
    REQUIRE(grant_page(OTHER, pt_direct(2), true) == -ENOSPC);
}

static void run_no_table(void) {
    start(5);
    frames_claimed = 0;
    REQUIRE(grant_page(OTHER, pt_direct(1), true) == -ENOSPC && pages_left == 5);
}

/* Between any two instructions an entry that is valid is valid altogether. */
static void check_between(void) {
    for (grant_ref_t ref = 0; frames_given && ref < 32; ref++) {
        const volatile struct grant_entry_v1 *entry = &frames[0][ref];
        if (!entry->flags)
            continue;
        REQUIRE(ref >= GNTTAB_NR_RESERVED_ENTRIES && entry->domid == OTHER);
        REQUIRE(entry->frame >= MFN + 500 && entry->frame < MFN + 520);
    }
}

static void run_stepped(void) {
    long refs[20] = {0};

    start(PAGES - 1);
    refs[0] = grant_page(OTHER, pt_direct(500), false);
    step_start(check_between);
    for (unsigned i = 1; i < ARRAY_SIZE(refs); i++)
        refs[i] = grant_page(OTHER, pt_direct(500 + i), i % 2);
    for (unsigned i = 0; i < ARRAY_SIZE(refs); i++)
        grant_end((grant_ref_t)refs[i]);
    step_stop();
    for (unsigned i = 0; i < ARRAY_SIZE(refs); i++)
        REQUIRE(refs[i] > 0 && !entry_of((grant_ref_t)refs[i])->flags);
}

/* --- threads, and another side that maps what it finds ------------------------------- */

enum { THREADS = 3, ROUNDS = 4000, KEEP = 16 };

static bool over;

static void *act_as_enemy(void *seed) {
    unsigned long state = (unsigned long)seed;

    while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
        unsigned count = __atomic_load_n(&frames_given, __ATOMIC_SEQ_CST);
        state = state * 6364136223846793005ul + 1442695040888963407ul;
        grant_ref_t ref = GNTTAB_NR_RESERVED_ENTRIES + (grant_ref_t)(state >> 33) % 100;
        if (count && state >> 63)
            map(ref);
        else if (count)
            unmap(ref);
    }
    return NULL;
}

static void *act_as_driver(void *unused) {
    long refs[KEEP] = {0};
    char *pages[KEEP] = {0};

    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned at = i * 7 % KEEP;
        if (pages[at]) {
            REQUIRE(pages[at][0] == (char)refs[at]);
            grant_free((grant_ref_t)refs[at]);
        }
        pages[at] = grant_new(OTHER, i % 2, &refs[at]);
        if (pages[at])
            pages[at][0] = (char)refs[at];
        else
            REQUIRE(refs[at] == -ENOMEM);
    }
    for (unsigned i = 0; i < KEEP; i++)
        if (pages[i])
            grant_free((grant_ref_t)refs[i]);
    return unused;
}

static void run_threads(void) {
    pthread_t drivers[THREADS], enemy;

    start(PAGES / 20);
    REQUIRE(!pthread_create(&enemy, NULL, act_as_enemy, (void *)random_next()));
    for (int i = 0; i < THREADS; i++)
        REQUIRE(!pthread_create(&drivers[i], NULL, act_as_driver, NULL));
    for (int i = 0; i < THREADS; i++)
        REQUIRE(!pthread_join(drivers[i], NULL));
    over = true;
    REQUIRE(!pthread_join(enemy, NULL));
    for (grant_ref_t ref = GNTTAB_NR_RESERVED_ENTRIES; ref < frames_given * ENTRIES; ref++)
        unmap(ref);
    REQUIRE(!grant_settle());
    REQUIRE(pages_left == PAGES / 20 - frames_given);
}

static bool is_moved;

/* All frames are others, and the new table is empty but for the toolstack's entries. */
bool away(void) {
    for (pfn_t i = 0; is_moved && i < PAGES; i++) {
        p2m[i] = MFN + (i ^ 1);
        machine_m2p[MFN + (i ^ 1)] = i;
    }
    for (unsigned i = 0; is_moved && i < frames_given; i++)
        memset(hidden[i], 0, PAGE_SIZE);
    if (is_moved)
        memset(hidden[0], 0x55, GNTTAB_NR_RESERVED_ENTRIES * sizeof(struct grant_entry_v1));
    return is_moved;
}

/* References stay; nobody elsewhere has mapped anything. */
static void run_suspended(void) {
    long held, plain, last = 0;

    start(2000);
    char *page = grant_new(OTHER, true, &plain);
    REQUIRE(page && grant_new(OTHER, false, &held) && map((grant_ref_t)held));
    for (unsigned i = 0; i < ENTRIES; i++) /* a second frame */
        REQUIRE(grant_new(OTHER, false, &last));
    REQUIRE(frames_given == 2);
    suspend();
    check_entry(plain, page, true);
    REQUIRE(!grant_end((grant_ref_t)held));

    is_moved = true;
    suspend();
    struct grant_entry_v1 *entry = entry_of((grant_ref_t)plain);
    REQUIRE(entry->flags == (GTF_permit_access | GTF_readonly) && entry->domid == OTHER);
    REQUIRE(entry->frame == p2m[pt_direct_pfn(page)]);
    REQUIRE(((char *)frames[0])[8] == 0x55 && map((grant_ref_t)last));
    REQUIRE(grant_end((grant_ref_t)held) && grant_page(OTHER, page, false) == held);
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(life, 1)
SCENARIO(held, 1)
SCENARIO(held_and_forgotten, 1)
SCENARIO(full, 4)
SCENARIO(refused, 1)
SCENARIO(no_table, 1)
SCENARIO(stepped, 1)
SCENARIO(threads, 4)
SCENARIO(suspended, 1)
