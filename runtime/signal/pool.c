/* SPDX-License-Identifier: MIT */
/* Records of queued signals: cut from kernel pages, kept for reuse, limited in number. */
#include "mm/page.h"
#include "signal/internal.h"

unsigned signal_queue_limit = SIGNAL_QUEUE_MOST;
unsigned signal_queue_count;

static struct signal_record *free_records;

static void add_records(void) {
    struct signal_record *page = page_alloc_kernel();

    for (size_t i = 0; page && i < PAGE_SIZE / sizeof *page; i++) {
        page[i].next = free_records;
        free_records = &page[i];
    }
}

struct signal_record *signal_record_make(void) {
    if (signal_queue_count >= signal_queue_limit)
        return NULL;
    if (!free_records)
        add_records();
    struct signal_record *record = free_records;
    if (record) {
        free_records = record->next;
        signal_queue_count++;
        record->info.owned = 0;
    }
    return record;
}

void signal_record_free(struct signal_record *record) {
    if (!record || record->info.owned)
        return;
    record->next = free_records;
    free_records = record;
    signal_queue_count--;
}
