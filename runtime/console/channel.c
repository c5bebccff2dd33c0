/* SPDX-License-Identifier: MIT */
/*
 * The guest's side of the shared rings. One page for each suffices: the other side is
 * quick, and what it has not taken is waited for a tick at a time, the processor given
 * away in between. Its indices are trusted as far as they keep within the ring.
 */
#include "console/channel.h"

#include <errno.h>
#include <signal.h>

#include "base/format.h"
#include "console/ports.h"
#include "console/wait.h"
#include "mm/page.h"
#include "pv/access.h"
#include "pv/pagetable.h"
#include "rings_abi.h"

static struct rings_page *page;
static char *memory[RINGS_COUNT];

static uint64_t machine_address(const void *address) {
    return xen_pfn_to_mfn(pt_direct_pfn(address)) << PAGE_SHIFT;
}

static bool make_rings(void) {
    struct rings_page *made = page_alloc_kernel();

    if (!made)
        return false;
    for (unsigned i = 0; i < RINGS_COUNT; i++) {
        memory[i] = page_alloc_kernel();
        if (!memory[i])
            return false;
        made->ring[i].pages = 1;
        made->ring[i].page[0] = machine_address(memory[i]);
    }
    __atomic_store_n(&made->magic, RINGS_MAGIC, __ATOMIC_RELEASE);
    page = made;
    return true;
}

bool channel_open(void) {
    static bool tried;
    char line[40];

    if (page)
        return true;
    lock_take(&console_lock);
    if (!tried) {
        tried = true;
        if (make_rings())
            ports_write(CONSOLE_LOG, line,
                        format(line, sizeof line, "\001ring %lx\n", machine_address(page)));
    }
    lock_drop(&console_lock);
    return page;
}

/* atman-run may have gone to sleep before it saw the change. */
static void ring_bell(void) {
    static const char bell = 2;

    if (__atomic_exchange_n(&page->bell, 0, __ATOMIC_SEQ_CST))
        ports_write(CONSOLE_LOG, &bell, 1);
}

/* What there is room for up to the ring's end; the number of bytes. Under the lock. */
static long try_write(unsigned index, const char *data, size_t size) {
    struct rings_ring *ring = &page->ring[index];
    uint32_t head = ring->head, at = head % RINGS_PAGE;
    uint32_t used = head - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

    if (used >= RINGS_PAGE)
        return 0;
    size = MIN(size, MIN(RINGS_PAGE - used, RINGS_PAGE - at));
    long error = user_read(memory[index] + at, data, size);
    if (error)
        return error;
    __atomic_store_n(&ring->head, head + (uint32_t)size, __ATOMIC_RELEASE);
    ring_bell();
    return (long)size;
}

long channel_write(enum console_stream stream, const char *data, size_t size) {
    unsigned index = stream == CONSOLE_ERR ? RINGS_STDERR : RINGS_STDOUT;
    struct tick tick = wait_begin_ticks(WAIT_TICK_NS);
    size_t done = 0;
    long n = 0;

    while (done < size) {
        lock_take(&console_lock);
        n = try_write(index, data + done, size - done);
        lock_drop(&console_lock);
        if (n > 0)
            tick.ns = WAIT_TICK_NS;
        else if (!n && !wait_for_tick(&tick))
            n = -EINTR;
        if (n < 0)
            break;
        done += (size_t)n;
    }
    return done ? (long)done : n;
}

/* Nothing is read from atman-run's own input before the program wants some. */
static void ask_for_input(void) {
    static const char line[] = "\001stdin\n";
    static bool asked;

    if (!asked)
        ports_write(CONSOLE_LOG, line, sizeof line - 1);
    asked = true;
}

/* What is there up to the ring's end; the number of bytes. Under the lock. */
static long try_read(struct rings_ring *ring, char *buffer, size_t size) {
    uint32_t tail = ring->tail, at = tail % RINGS_PAGE;
    uint32_t held = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) - tail;

    if (!held || held > RINGS_PAGE)
        return 0;
    size = MIN(size, MIN(held, RINGS_PAGE - at));
    long error = user_write(buffer, memory[RINGS_STDIN] + at, size);
    if (error)
        return error;
    __atomic_store_n(&ring->tail, tail + (uint32_t)size, __ATOMIC_RELEASE);
    ring_bell();
    return (long)size;
}

long channel_read(char *buffer, size_t size) {
    struct rings_ring *ring = &page->ring[RINGS_STDIN];
    struct tick tick = wait_begin_ticks(WAIT_TICK_NS);

    for (;;) {
        lock_take(&console_lock);
        ask_for_input();
        bool closed = __atomic_load_n(&ring->closed, __ATOMIC_ACQUIRE);
        long n = try_read(ring, buffer, size);
        lock_drop(&console_lock);
        if (n || closed)
            return n;
        if (!wait_for_tick(&tick))
            return -EINTR;
    }
}

bool channel_listen(upcall_handler *handler) {
    static const char line[] = "\001attend\n";

    if (!channel_open() || !ports_listen(handler))
        return false;
    lock_take(&console_lock);
    ports_write(CONSOLE_LOG, line, sizeof line - 1);
    lock_drop(&console_lock);
    return true;
}

long channel_take(char *buffer, size_t size) {
    struct rings_ring *ring = &page->ring[RINGS_STDIN];

    lock_take(&console_lock);
    ask_for_input();
    bool closed = __atomic_load_n(&ring->closed, __ATOMIC_ACQUIRE);
    long n = try_read(ring, buffer, size);
    lock_drop(&console_lock);
    return n || closed ? n : -EAGAIN;
}

long channel_show(const char *data, size_t size) {
    lock_take(&console_lock);
    long n = try_write(RINGS_STDOUT, data, size);
    lock_drop(&console_lock);
    return n;
}

uint64_t channel_news(uint16_t *columns, uint16_t *rows) {
    uint64_t set = __atomic_exchange_n(&page->news.signals, 0, __ATOMIC_SEQ_CST);
    uint32_t window = __atomic_exchange_n(&page->news.window, 0, __ATOMIC_SEQ_CST);

    if (window && window != ((uint32_t)*columns << 16 | *rows)) {
        *columns = (uint16_t)(window >> 16);
        *rows = (uint16_t)window;
        set |= 1ul << (SIGWINCH - 1);
    }
    return set;
}

void channel_say_terminal(void) {
    static const char line[] = "\001terminal\n";

    lock_take(&console_lock);
    ports_write(CONSOLE_LOG, line, sizeof line - 1);
    lock_drop(&console_lock);
}
