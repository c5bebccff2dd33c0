/* SPDX-License-Identifier: MIT */
/*
 * The other end of net/tx.h and net/rx.h: pages to be shared, and a backend that does as
 * the protocol says and ends the test if the rings do not. Frames are given to it, and
 * taken from it, as plain bytes.
 */
#ifndef ATMAN_TEST_NETEND_H
#define ATMAN_TEST_NETEND_H

#include "net/rx.h"
#include "net/tx.h"

enum {
    NETEND_PAGES = 2000, /* that are ever made */
    NETEND_POOL = 40,    /* pages of a link pool */
    NETEND_FRAMES = 300, /* that are kept */
};

struct netend_frame {
    uint32_t size;
    uint8_t sum, gso;
    uint16_t gso_size;
    char *data;
};

extern const struct net_tx_ops netend_tx_ops;
extern const struct net_rx_ops netend_rx_ops;

/* How many pages there may be; less than that means that memory is short. */
extern unsigned netend_most;
extern unsigned netend_pages; /* that are shared */
extern unsigned netend_kept;  /* that swap_page gave, and nobody has freed */
extern unsigned netend_holds; /* one in so many pages is held on to; 0: none */
extern bool netend_attended;

/* Pages of a pool, of whose data the ring is told that they may be read. */
char *netend_pool(unsigned number);

/* A shared page by its reference, NULL: there is none of that. */
char *netend_page(uint32_t ref);
void netend_free_memory(char *memory);

/* The backend has a ring. */
void netend_connect_tx(struct net_tx *tx);
void netend_connect_rx(struct net_rx *rx);
void netend_disconnect(void);

/* --- of what is sent --- */

/* Takes all requests and checks them; frames go to netend_sent, which its taker empties. */
void netend_take(void);
extern struct netend_frame netend_sent[NETEND_FRAMES];
extern unsigned netend_sent_count;
extern unsigned netend_groups; /* entries about groups so far */

/* Answers at most that many packets, any that are not answered; how many there are left. */
unsigned netend_answer(unsigned most);

/* Whether requests were pushed with an event; whether answers made one. Asking forgets. */
bool netend_was_notified(void);
bool netend_has_tx_event(void);

/* --- of what is received --- */

/* Gives the frame, in pieces of random sizes; false: there are not enough pages for it. */
bool netend_give(const struct netend_frame *frame);
bool netend_has_rx_event(void);

#endif
