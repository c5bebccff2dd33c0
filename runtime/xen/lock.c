/* SPDX-License-Identifier: MIT */
/*
 * Locks and the event mask. In vcpu_lines[n].waits_for a vCPU that is about to sleep says
 * what for; whoever drops a lock that somebody may sleep for wakes those that say so.
 */
#include "xen/lock.h"

#include "pv/trap.h"
#include "xen/event.h"
#include "xen/lockcheck.h"

enum { SPINS = 1000 };

enum { FREE, TAKEN, AWAITED };

/* Events that came in the meantime are delivered by way of a trap of our own. */
void events_on(void) {
    __asm__ __volatile__("decq %%gs:%c0\n\t"
                         "jnz 1f\n\t"
                         "movb $0, %%gs:%c1\n\t"
                         "cmpb $0, %%gs:%c2\n\t"
                         "je 1f\n\t"
                         "int %3\n"
                         "1:"
                         :
                         : "i"(GS_DEPTH), "i"(GS_MASK), "i"(GS_PENDING), "i"(TRAP_EVENTS)
                         : "memory", "cc");
}

void lock_init(struct lock *lock, enum lock_rank rank) {
    (void)rank; /* only a debug build has it */
    *lock = (struct lock)LOCK_INIT(rank);
}

static bool take_from(struct lock *lock, uint32_t state) {
    uint32_t expected = FREE;

    return __atomic_compare_exchange_n(&lock->word, &expected, state, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool spin(struct lock *lock) {
    for (unsigned i = 0; i < SPINS; i++) {
        if (!__atomic_load_n(&lock->word, __ATOMIC_RELAXED) && take_from(lock, TAKEN))
            return true;
        __asm__ __volatile__("pause");
    }
    return false;
}

/* What is announced is seen by whoever drops the lock after the exchange. */
static void sleep_for(struct lock *lock) {
    struct line *line = &vcpu_lines[THIS_LINE->index];

    __atomic_store_n(&line->waits_for, lock, __ATOMIC_SEQ_CST);
    for (;;) {
        event_clear(line->wake_port);
        if (__atomic_exchange_n(&lock->word, AWAITED, __ATOMIC_SEQ_CST) == FREE)
            break;
        event_wait(line->wake_port, 0);
    }
    __atomic_store_n(&line->waits_for, NULL, __ATOMIC_SEQ_CST);
}

static void wake_waiters(const struct lock *lock) {
    for (unsigned i = 0; i < VCPUS_MAX; i++)
        if (__atomic_load_n(&vcpu_lines[i].waits_for, __ATOMIC_SEQ_CST) == lock)
            event_notify(vcpu_lines[i].wake_port);
}

void lock_take(struct lock *lock) {
    __asm__ __volatile__("orq $0, %c0(%%rsp)" : : "i"(-LOCK_STACK) : "memory", "cc");
    events_off();
    lock_check_take(lock);
    if (!take_from(lock, TAKEN) && !spin(lock))
        sleep_for(lock);
    lock_note_take(lock);
}

bool lock_try(struct lock *lock) {
    events_off();
    if (take_from(lock, TAKEN)) {
        lock_note_take(lock);
        return true;
    }
    events_on();
    return false;
}

void lock_drop(struct lock *lock) {
    lock_release(lock);
    events_on();
}

void lock_release(struct lock *lock) {
    lock_note_drop(lock);
    if (__atomic_exchange_n(&lock->word, FREE, __ATOMIC_SEQ_CST) == AWAITED)
        wake_waiters(lock);
}
