/* SPDX-License-Identifier: MIT */
/*
 * String functions at the edges of memory: what lies right before a page that is not
 * mapped, or right behind one, is handled to its last byte and not beyond.
 */
// flags: -fno-builtin
// native: -fno-builtin
// stdout-from: checks
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <wchar.h>

#include "check.h"
#include "random.h"

enum { PAGE = 4096 };

/* One page of memory between two that are not mapped. */
static char *make_island(void) {
    char *p = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE))
        exit(2);
    munmap(p, PAGE);
    munmap(p + 2 * PAGE, PAGE);
    return p + PAGE;
}

static void test_scanning(char *island) {
    for (size_t n = 0; n < 130; n++) {
        char *s = island + PAGE - n - 1;
        memset(s, 'a', n);
        s[n] = 0;
        CHECK_EQUAL(strlen(s), n);
        CHECK(strchr(s, 'b') == NULL && strchr(s, 0) == s + n && strrchr(s, 'b') == NULL);
        CHECK(memchr(s, 'b', n + 1) == NULL && memrchr(s, 'b', n + 1) == NULL);
        CHECK_EQUAL(strnlen(s, 1000), n);
        CHECK_EQUAL(strcmp(s, s), 0);
        CHECK(strstr(s, "ab") == NULL && strspn(s, "a") == n && strcspn(s, "b") == n);
        CHECK(strpbrk(s, "xyz") == NULL);
        char *copy = strdup(s);
        CHECK(copy && !strcmp(copy, s) && !strncmp(copy, s, n + 9) &&
              !memcmp(copy, s, n + 1));
        free(copy);
    }
}

static void test_wide(char *island) {
    for (size_t n = 0; n < 40; n++) {
        wchar_t *s = (wchar_t *)(void *)(island + PAGE) - n - 1;
        wmemset(s, L'ä', n);
        s[n] = 0;
        CHECK_EQUAL(wcslen(s), n);
        CHECK(wcschr(s, L'b') == NULL && wmemchr(s, L'b', n) == NULL);
    }
}

/* Every size, at the very end of one island and the very beginning of another. */
static void test_copying(char *from, char *to) {
    for (size_t n = 0; n < 600; n += n < 140 ? 1 : 37) {
        char *source = from + PAGE - n;
        for (size_t i = 0; i < n; i++)
            source[i] = (char)(i * 7 + n);
        memset(to, 0x55, PAGE);
        CHECK(memcpy(to, source, n) == to && !memcmp(to, source, n));
        CHECK(n == PAGE || to[n] == 0x55);
        memset(to, 0x55, PAGE);
        CHECK(memcpy(to + PAGE - n, source, n) == to + PAGE - n);
        CHECK(!memcmp(to + PAGE - n, source, n) && to[PAGE - n - 1] == 0x55);
        CHECK(mempcpy(to, source, n) == to + n);
        memset(to + PAGE - n, 3, n);
        CHECK(to[PAGE - n - 1] == 0x55 && (!n || to[PAGE - 1] == 3));
    }
}

static void test_overlapping(char *island) {
    static char model[PAGE];

    for (int round = 0; round < 3000; round++) {
        size_t n = random_below(random_below(4) ? 100 : PAGE) + 1;
        size_t from = random_below(PAGE - n + 1), to = random_below(PAGE - n + 1);
        if (round % 100 == 0)
            for (size_t i = 0; i < PAGE; i++)
                island[i] = model[i] = (char)random_next();
        CHECK(memmove(island + to, island + from, n) == island + to);
        char kept[PAGE];
        for (size_t i = 0; i < n; i++)
            kept[i] = model[from + i];
        for (size_t i = 0; i < n; i++)
            model[to + i] = kept[i];
        if (!CHECK(!memcmp(model, island, PAGE)))
            break;
    }
}

int main(void) {
    char *one = make_island(), *other = make_island();

    random_start();
    test_scanning(one);
    test_wide(one);
    test_copying(one, other);
    test_overlapping(other);
    return checks_end();
}
