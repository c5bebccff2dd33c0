/* SPDX-License-Identifier: MIT */
/*
 * Grants under Xen: what the domain grants to itself can be read, written and mapped as
 * granted; a page that is mapped stays until it is not; references of several frames of the
 * table work; all pages come back.
 */
// stdout-from: checks
// vcpus: 1 4
// memory: 48M
// flags: -fatman-debug
// debug: no
#include "check.h"

void *atman_granted_new(unsigned domain, int read_only, long *ref);
int atman_granted_end(unsigned ref);
void atman_granted_free(unsigned ref);
unsigned long atman_granted_settle(void);
long atman_granted_copy(unsigned domain, unsigned ref, void *page, int write);
void *atman_granted_map(unsigned domain, unsigned ref, unsigned *handle);
long atman_granted_unmap(void *page, unsigned handle);
unsigned long atman_granted_free_pages(void);

enum { PAGE = 4096, MANY = 1400, SELF = 0 /* the first domain */ };

static char *scratch;

static void copies(void) {
    long ref, fixed;
    char *page = atman_granted_new(SELF, 0, &ref),
         *other = atman_granted_new(SELF, 1, &fixed);

    CHECK(page && other && ref >= 8 && fixed >= 8 && ref != fixed);
    memset(page, 'a', PAGE);
    memset(other, 'b', PAGE);
    CHECK_EQUAL(atman_granted_copy(SELF, (unsigned)ref, scratch, 0), 0);
    CHECK(scratch[0] == 'a' && scratch[PAGE - 1] == 'a');
    CHECK_EQUAL(atman_granted_copy(SELF, (unsigned)fixed, scratch, 0), 0);
    CHECK(scratch[0] == 'b' && scratch[PAGE - 1] == 'b');
    memset(scratch, 'c', PAGE);
    CHECK_EQUAL(atman_granted_copy(SELF, (unsigned)ref, scratch, 1), 0);
    CHECK(page[0] == 'c' && page[PAGE - 1] == 'c');
    CHECK(atman_granted_copy(SELF, (unsigned)fixed, scratch, 1) < 0);
    CHECK(other[0] == 'b');
    CHECK(atman_granted_copy(SELF + 1, (unsigned)ref, scratch, 0) < 0);
    atman_granted_free((unsigned)ref);
    atman_granted_free((unsigned)fixed);
    CHECK(atman_granted_copy(SELF, (unsigned)ref, scratch, 0) < 0);
    CHECK_EQUAL(atman_granted_settle(), 0);
}

static void mapped(void) {
    unsigned handle, again;
    long ref;
    char *page = atman_granted_new(SELF, 0, &ref);

    memset(page, 'd', PAGE);
    char *map = atman_granted_map(SELF, (unsigned)ref, &handle);
    if (!CHECK(map))
        return;
    CHECK(map != page && map[0] == 'd' && map[PAGE - 1] == 'd');
    map[7] = 'e';
    CHECK_EQUAL(page[7], 'e');
    CHECK(!atman_granted_end((unsigned)ref));
    atman_granted_free((unsigned)ref);
    CHECK_EQUAL(atman_granted_settle(), 1);
    CHECK_EQUAL(map[8], 'd');
    CHECK_EQUAL(atman_granted_unmap(map, handle), 0);
    CHECK_EQUAL(atman_granted_settle(), 0);
    CHECK(!atman_granted_map(SELF, (unsigned)ref, &again));
}

static void many(void) {
    static struct {
        char *page;
        long ref;
    } all[MANY];

    for (int i = 0; i < MANY; i++) {
        all[i].page = atman_granted_new(SELF, i % 2, &all[i].ref);
        if (!CHECK(all[i].page))
            return;
        memset(all[i].page, i % 127, PAGE);
    }
    for (int i = 0; i < MANY; i++) {
        CHECK_EQUAL(atman_granted_copy(SELF, (unsigned)all[i].ref, scratch, 0), 0);
        CHECK(scratch[i % PAGE] == i % 127);
    }
    for (int i = 0; i < MANY; i++)
        atman_granted_free((unsigned)all[i].ref);
}

int main(void) {
    long ref;

    scratch = atman_granted_new(SELF, 0, &ref);
    if (!CHECK(scratch))
        return checks_end();
    copies();
    many();
    unsigned long before = atman_granted_free_pages();
    copies();
    mapped();
    many();
    /* The one that a refused mapping has taken for itself. */
    CHECK_EQUAL(atman_granted_free_pages(), before - 1);
    return checks_end();
}
