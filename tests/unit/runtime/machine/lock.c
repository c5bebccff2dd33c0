/* SPDX-License-Identifier: MIT */
/* Locks of the one processor that there is: none is taken twice, or dropped untaken. And no
 * program, unless the test has one. */
#include "xen/lock.h"
#include "pv/access.h"
#include "require.h"

__attribute__((weak)) long user_read(void *to, const void *from, size_t size) {
    REQUIRE_SAYING(false, "%p, %p, %zu", to, from, size);
}

__attribute__((weak)) long user_cas32(void *at, uint32_t old, uint32_t new,
                                      uint32_t *found) {
    REQUIRE_SAYING(false, "%p, %u, %u, %p", at, old, new, (void *)found);
}

void lock_take(struct lock *lock) {
    REQUIRE(!lock->word);
    lock->word = 1;
}

void lock_drop(struct lock *lock) {
    REQUIRE(lock->word);
    lock->word = 0;
}

void lock_init(struct lock *lock, enum lock_rank rank) {
    (void)rank;
    *lock = (struct lock){0};
}
