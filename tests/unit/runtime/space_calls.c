/* SPDX-License-Identifier: MIT */
/* Random calls of mmap's family but mremap, and of brk; see space_calls.h. */
#include "space_calls.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "mm/space.h"
#include "pv/trap.h"
#include "random.h"
#include "require.h"
#include "space_model.h"

enum { FIXED = MAP_FIXED | MAP_FIXED_NOREPLACE };

/* What must come back if memory does not run out: an error, or the address. */
static long expect_map(unsigned long hint, size_t size, int flags) {
    if (!size)
        return -EINVAL;
    if (flags & FIXED) {
        if (size > SPACE_END || hint % PAGE_SIZE)
            return size > SPACE_END ? -ENOMEM : -EINVAL;
        if (!calls_is_range(hint, size))
            return -ENOMEM;
        bool free = model_is_free(hint, calls_to_pages(size));
        return !free && flags & MAP_FIXED_NOREPLACE ? -EEXIST : (long)hint;
    }
    if (size > SPACE_END - MODEL_HEAP_END)
        return -ENOMEM;
    hint -= hint % PAGE_SIZE;
    if (calls_is_range(hint, size) && model_has(hint) &&
        model_is_free(hint, calls_to_pages(size)))
        return (long)hint;
    return (long)calls_find_gap(calls_to_pages(size));
}

void calls_map(void) {
    static const int kinds[] = {0, 0, 0, 0, MAP_FIXED, MAP_FIXED_NOREPLACE, FIXED};
    static const int promises[] = {0, 0, 0, MAP_NORESERVE, MAP_STACK};
    int prot = calls_random_protection(), flags = kinds[random_below(ARRAY_SIZE(kinds))];
    int promise = promises[random_below(ARRAY_SIZE(promises))];
    unsigned long hint = flags || random_one_in(2) ? calls_random_address() : 0;
    size_t size = calls_random_size(), pages = calls_to_pages(size);
    long wanted = expect_map(hint, size, flags);
    long is = space_map(hint, size, prot, flags | promise | MAP_PRIVATE | MAP_ANONYMOUS);

    if (is == wanted && is > 0) {
        model_set((unsigned long)is, pages, prot, prot && !promise);
        return;
    }
    if (is == wanted)
        return;
    REQUIRE_SAYING(wanted > 0 && calls_is_short(is, pages),
                   "mmap(0x%lx, 0x%lx, %d, 0x%x) is %ld", hint, size, prot, flags, is);
    if (flags & MAP_FIXED && space_check(hint, size, 0))
        model_set(hint, pages, MODEL_NONE, false);
}

void calls_unmap(void) {
    unsigned long start = calls_random_address();
    size_t size = calls_random_size();
    long is = space_unmap(start, size);

    if (start % PAGE_SIZE || !size || start >= SPACE_END || size > SPACE_END - start) {
        REQUIRE_SAYING(is == -EINVAL, "munmap(0x%lx, 0x%lx) is %ld", start, size, is);
        return;
    }
    if (start < SPACE_START) { /* the image is in the way, if the range gets so far */
        REQUIRE(is == (start + size > (unsigned long)atman_text_start ? -EACCES : 0));
        return;
    }
    REQUIRE(!is || calls_is_short(is, 0));
    if (!is)
        model_set(start, calls_to_pages(size), MODEL_NONE, false);
}

/* Up to the first page that is not mapped, if there is one. */
void calls_protect(void) {
    unsigned long start = calls_random_address();
    size_t size = calls_random_size(), pages = calls_to_pages(size), mapped = 0;
    int prot = calls_random_protection();
    long is = space_protect(start, size, prot), wanted = 0;

    if (start % PAGE_SIZE)
        wanted = -EINVAL;
    else if (size && !calls_is_range(start, size))
        wanted = -ENOMEM;
    else
        while (mapped < pages && model_is_mapped(start + mapped * PAGE_SIZE, 1, NULL))
            mapped++;
    if (!wanted && mapped < pages)
        wanted = -ENOMEM;
    REQUIRE_SAYING(is == wanted || (!wanted && calls_is_short(is, pages)),
                   "mprotect(0x%lx, 0x%lx, %d) is %ld", start, size, prot, is);
    if (is && calls_is_short(-ENOMEM, pages)) /* for one reason or the other */
        mapped = space_protect(start, mapped * PAGE_SIZE, prot) ? 0 : mapped;
    else if (is && is != wanted)
        return;
    for (; mapped; mapped--, start += PAGE_SIZE)
        model_at(start)->prot = prot;
}

/* Goes on behind what is not mapped, and says that there was something. */
void calls_discard(void) {
    unsigned long start = ROUND_DOWN(calls_random_address(), PAGE_SIZE);
    size_t size = calls_random_size(), pages = calls_to_pages(size);
    bool range = start < SPACE_END && size <= SPACE_END - start;
    long wanted = size && !(range && model_is_mapped(start, pages, NULL)) ? -ENOMEM : 0;
    long is = space_discard(start, size, SPACE_NOT_LOCKED);

    REQUIRE_SAYING(is == wanted, "madvise(0x%lx, 0x%lx) is %ld", start, size, is);
    if (range)
        model_clear(start, size);
}

void calls_populate(void) {
    unsigned long start = ROUND_DOWN(calls_random_address(), PAGE_SIZE);
    size_t size = calls_random_size(), pages = calls_to_pages(size);
    enum space_access access = (enum space_access)random_below(3);
    long is = space_populate(start, size, access), wanted = 0;

    if (size && !(start < SPACE_END && size <= SPACE_END - start))
        wanted = -ENOMEM;
    for (size_t i = 0; i < pages && !wanted; i++) {
        unsigned long va = start + i * PAGE_SIZE;
        int prot = model_has(va) ? model_at(va)->prot : MODEL_NONE;
        if (prot == MODEL_NONE)
            wanted = -ENOMEM;
        else if ((access && !prot) || (access == SPACE_WRITE && !(prot & PROT_WRITE)))
            wanted = -EINVAL;
        else if (is == 0)
            REQUIRE(!prot || pt_get(va) & PTE_PRESENT);
    }
    REQUIRE_SAYING(is == wanted || calls_is_short(is, pages),
                   "populate(0x%lx, 0x%lx, %d) is %ld, not %ld", start, size, access, is,
                   wanted);
}

static bool allows(int prot, unsigned access) {
    return access & FAULT_EXECUTE ? prot & PROT_EXEC
           : access & FAULT_WRITE ? prot & PROT_WRITE
                                  : prot;
}

/* Also where the page is there: then another processor was first. */
void calls_fault(void) {
    static const unsigned accesses[] = {0, FAULT_WRITE, FAULT_EXECUTE};
    unsigned access = accesses[random_below(ARRAY_SIZE(accesses))];
    unsigned long va = model_random_address();
    const struct model_page *page = model_at(va);
    int code = 0, signal = space_fault(va + random_below(PAGE_SIZE), access, &code);

    if (page->prot == MODEL_NONE)
        REQUIRE(signal == SIGSEGV && code == SEGV_MAPERR);
    else if (!allows(page->prot, access))
        REQUIRE(signal == SIGSEGV && code == SEGV_ACCERR);
    else if (signal)
        REQUIRE(signal == SIGBUS && code == BUS_ADRERR && calls_is_short(-ENOMEM, 0));
    else
        REQUIRE(pt_get(va) & PTE_PRESENT);
}

void calls_check(void) {
    unsigned long start = model_random_address();
    size_t size = calls_random_size();
    bool mapped = !size || (calls_is_range(start, size) &&
                            model_is_mapped(start, calls_to_pages(size), NULL));

    REQUIRE(space_check(start, size, 0) == (mapped ? 0 : -ENOMEM));
}

/* Where the program thinks that its heap ends. */
static unsigned long heap_break = SPACE_START;

void calls_break(void) {
    unsigned long end = SPACE_START + random_below(MODEL_HEAP * PAGE_SIZE);

    if (random_one_in(30))
        end = random_one_in(2) ? SPACE_START - 1 : MODEL_HEAP_END + 1;
    unsigned long is = space_set_break(end);
    unsigned long have = ROUND_UP(heap_break, PAGE_SIZE), want = ROUND_UP(end, PAGE_SIZE);
    bool sane = end >= SPACE_START && end <= MODEL_HEAP_END;
    bool grows = sane && want > have;
    bool possible = sane && (!grows || model_is_free(have, (want - have) / PAGE_SIZE));

    if (is != end || !possible) {
        REQUIRE_SAYING(is == heap_break, "0x%lx, not 0x%lx", is, heap_break);
        REQUIRE(!possible ||
                calls_is_short(-ENOMEM, grows ? (want - have) / PAGE_SIZE : 0));
        return;
    }
    if (grows)
        model_set(have, (want - have) / PAGE_SIZE, PROT_READ | PROT_WRITE, true);
    else
        model_set(want, (have - want) / PAGE_SIZE, MODEL_NONE, false);
    heap_break = end;
}

static void write_tags(unsigned long start, size_t pages) {
    for (; pages; pages--, start += PAGE_SIZE) {
        uint64_t *words = (uint64_t *)start, tag = random_next();
        if (!model_touch(start, FAULT_WRITE)) {
            REQUIRE(calls_is_short(-ENOMEM, 0));
            return;
        }
        for (unsigned i = 0; i < PT_ENTRIES; i++)
            words[i] = tag;
        model_at(start)->tag = tag;
    }
}

void calls_write(void) {
    unsigned long va = model_random_address();
    size_t pages = 0, most = random_between(1, 8);

    while (pages < most && model_has(va + pages * PAGE_SIZE) &&
           model_is_mapped(va + pages * PAGE_SIZE, 1, NULL) &&
           model_at(va + pages * PAGE_SIZE)->prot & PROT_WRITE)
        pages++;
    write_tags(va, pages);
}
