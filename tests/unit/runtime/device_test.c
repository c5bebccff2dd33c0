/* SPDX-License-Identifier: MIT */
/*
 * xenbus/device.c: for each phase, event and view, the moves end, and nothing is made twice
 * or used before it is made. With a backend as Linux's are, which is plugged in, restarts,
 * vanishes, comes back and is unplugged, both ends are connected in the end, and over the
 * same memory.
 */
#include "xenbus/device.h"

#include "random.h"
#include "require.h"
#include "scenario.h"
#include "test.h"

enum { MOVES = 4 };

/* The device as a driver has it. */
static struct {
    enum device_phase phase;
    enum xenbus_state state; /* written */
    unsigned made;           /* which memory is shared; 0: none */
    unsigned last_made;
    bool connected, failing;
    unsigned looks, removals;
} front;

static void drop(void) {
    front.made = 0;
    front.connected = false;
}

static void act(enum device_action action) {
    switch (action) {
    case DEVICE_NOTHING:
        break;
    case DEVICE_MAKE:
        REQUIRE(!front.made);
        front.made = ++front.last_made;
        front.failing = false;
        break;
    case DEVICE_CONNECT:
        REQUIRE(front.made && !front.connected);
        front.connected = true;
        break;
    case DEVICE_LOOK:
        REQUIRE(front.connected);
        front.looks++;
        break;
    case DEVICE_DISCONNECT:
        drop();
        break;
    case DEVICE_REMOVE:
        REQUIRE(!front.removals++);
        __attribute__((fallthrough));
    case DEVICE_FAIL:
        drop();
        front.failing = true;
    }
}

/* The phase is what the driver has. */
static void check(void) {
    enum device_phase phase = front.phase;

    REQUIRE(!!front.made == (phase == DEVICE_OFFERED || phase == DEVICE_CONNECTED));
    REQUIRE(front.connected == (phase == DEVICE_CONNECTED));
    if (phase == DEVICE_LEFT || phase == DEVICE_BROKEN || phase == DEVICE_GONE)
        REQUIRE(front.failing);
    if (phase == DEVICE_OFFERED || phase == DEVICE_CONNECTED)
        REQUIRE(!front.failing);
}

static void settle(enum device_event event, struct device_view view) {
    struct device_move move = {.is_last = false};

    for (int moves = 0; !move.is_last; moves++, event = DEVICE_SEEN) {
        REQUIRE_SAYING(moves < MOVES, "phase %d, other %d", front.phase, view.other);
        move = device_next(front.phase, event, view);
        act(move.action);
        front.phase = move.phase;
        if (move.state != XenbusStateUnknown)
            front.state = move.state;
        check();
    }
    struct device_move again = device_next(front.phase, DEVICE_SEEN, view);
    REQUIRE(again.is_last && !again.action && again.phase == front.phase && !again.state);
}

static void start_as(enum device_phase phase) {
    memset(&front, 0, sizeof front);
    front.phase = phase;
    front.state = XenbusStateInitialising;
    front.made = phase == DEVICE_OFFERED || phase == DEVICE_CONNECTED;
    front.last_made = front.made;
    front.connected = phase == DEVICE_CONNECTED;
    front.failing = phase == DEVICE_LEFT || phase == DEVICE_BROKEN || phase == DEVICE_GONE;
    front.removals = phase == DEVICE_GONE;
}

static void try_all(enum device_phase phase, enum device_event event) {
    struct device_view view;

    for (int i = 0; i < 4; i++)
        for (view.other = -1; view.other < 12; view.other++) {
            view.is_there = i & 1;
            view.is_online = i & 2;
            start_as(phase);
            settle(event, view);
            if (!view.is_there || phase == DEVICE_GONE)
                REQUIRE(front.phase == DEVICE_GONE && front.removals == 1);
            else if (event == DEVICE_MISUSED || phase == DEVICE_BROKEN)
                REQUIRE(front.phase == DEVICE_BROKEN);
            else if (event == DEVICE_RESUMED)
                REQUIRE(!front.made || front.made != 1 || phase == DEVICE_NEW ||
                        phase == DEVICE_CLOSED || phase == DEVICE_LEFT);
        }
}

static void run_all(void) {
    for (enum device_phase phase = DEVICE_NEW; phase <= DEVICE_GONE; phase++)
        for (enum device_event event = DEVICE_SEEN; event <= DEVICE_MISUSED; event++)
            try_all(phase, event);
}

static struct device_view view_of(int other) {
    return (struct device_view){.is_there = true, .is_online = true, .other = other};
}

static void run_life(void) {
    start_as(DEVICE_NEW);
    settle(DEVICE_TOLD, view_of(XenbusStateUnknown));
    settle(DEVICE_TOLD, view_of(XenbusStateInitialising));
    REQUIRE(front.phase == DEVICE_NEW && front.state == XenbusStateInitialising);
    settle(DEVICE_TOLD, view_of(XenbusStateInitWait));
    settle(DEVICE_TOLD, view_of(XenbusStateInitWait));
    REQUIRE(front.phase == DEVICE_OFFERED && front.state == XenbusStateInitialised);
    settle(DEVICE_TOLD, view_of(XenbusStateConnected));
    REQUIRE(front.phase == DEVICE_CONNECTED && front.state == XenbusStateConnected);
    REQUIRE(!front.looks);
    settle(DEVICE_TOLD, view_of(XenbusStateConnected));
    REQUIRE(front.looks == 1);
    settle(DEVICE_TOLD, view_of(DEVICE_NONSENSE));
    REQUIRE(front.phase == DEVICE_CONNECTED && front.looks == 1);
    settle(DEVICE_TOLD, view_of(XenbusStateClosing));
    REQUIRE(front.state == XenbusStateClosed && !front.failing);
    settle(DEVICE_TOLD, view_of(XenbusStateClosed));
    REQUIRE(front.state == XenbusStateInitialising);
    settle(DEVICE_TOLD, view_of(XenbusStateInitWait));
    settle(DEVICE_TOLD, view_of(XenbusStateConnected));
    REQUIRE(front.phase == DEVICE_CONNECTED && front.made == 2);
    settle(DEVICE_TOLD, view_of(XenbusStateInitWait)); /* it has crashed and begun anew */
    REQUIRE(front.phase == DEVICE_OFFERED && front.made == 3);
    settle(DEVICE_TOLD, view_of(XenbusStateConnected));
    settle(DEVICE_TOLD, view_of(XenbusStateInitialising)); /* and again */
    REQUIRE(front.phase == DEVICE_NEW && front.state == XenbusStateInitialising);
    settle(DEVICE_TOLD, view_of(XenbusStateInitWait));
    settle(DEVICE_TOLD, view_of(XenbusStateConnected));
    REQUIRE(front.phase == DEVICE_CONNECTED && front.made == 4);
    settle(DEVICE_RESUMED, view_of(XenbusStateInitialising));
    REQUIRE(front.phase == DEVICE_NEW && front.state == XenbusStateInitialising);
    settle(DEVICE_TOLD, view_of(XenbusStateConnected)); /* it skips what it can */
    REQUIRE(front.phase == DEVICE_CONNECTED && front.made == 5);
    struct device_view view = view_of(XenbusStateClosing);
    view.is_online = false;
    settle(DEVICE_TOLD, view);
    REQUIRE(front.phase == DEVICE_LEFT && front.state == XenbusStateClosed);
    view.is_there = false;
    settle(DEVICE_TOLD, view);
    REQUIRE(front.phase == DEVICE_GONE && front.removals == 1);
}

static void run_text(void) {
    static const struct {
        const char *text;
        long size;
        int state;
    } cases[] = {{"", -2, XenbusStateUnknown},
                 {"", 0, DEVICE_NONSENSE},
                 {"0", 1, 0},
                 {"4", 1, XenbusStateConnected},
                 {"8", 1, 8},
                 {"9", 1, DEVICE_NONSENSE},
                 {"44", 2, DEVICE_NONSENSE},
                 {"-", 1, DEVICE_NONSENSE},
                 {"\xb4", 1, DEVICE_NONSENSE},
                 {"4", 4096, DEVICE_NONSENSE},
                 {"/", 1, DEVICE_NONSENSE}};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        REQUIRE(device_state(cases[i].text, cases[i].size) == cases[i].state);
}

/* --- a backend as Linux's, and a toolstack ------------------------------------------- */

static struct {
    enum xenbus_state state; /* Unknown: it is not there */
    unsigned uses;           /* the memory that it is connected to; 0: none */
    bool online, there;      /* the device's directory, too */
    enum xenbus_state seen;  /* the front's, at the last turn */
} back;

/* What it does when it has noticed another state of the frontend's. */
static void back_turn(void) {
    if (back.state == XenbusStateUnknown || !back.there)
        return;
    if (back.state == XenbusStateInitialising)
        back.state = XenbusStateInitWait; /* its scripts have run */
    if (back.seen == front.state)
        return;
    back.seen = front.state;
    switch (front.state) {
    case XenbusStateInitialising:
        if (back.state == XenbusStateClosed)
            back.state = XenbusStateInitWait;
        break;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        if (back.state == XenbusStateConnected)
            break;
        back.uses = front.made;
        back.state = XenbusStateConnected;
        break;
    case XenbusStateClosed:
        back.uses = 0;
        back.state = XenbusStateClosed;
        if (!back.online)
            back.there = false;
        break;
    default:
        break;
    }
}

static void front_turn(enum device_event event) {
    int other = back.there ? (int)back.state : XenbusStateUnknown;
    struct device_view view = {
        .is_there = back.there, .is_online = back.online, .other = other};

    settle(event, view);
}

static void restart_back(void) {
    back.uses = 0;
    back.seen = XenbusStateUnknown;
    back.state = XenbusStateInitialising;
}

/* Both act as often as they want; neither has anything left to do. */
static void calm(void) {
    for (int i = 0; i < 50; i++) {
        if (random_one_in(2))
            front_turn(random_one_in(3) ? DEVICE_SEEN : DEVICE_TOLD);
        else
            back_turn();
    }
}

static void disturb(void) {
    switch (random_below(5)) {
    case 0: /* it closes in order, and is to come back */
        if (back.state == XenbusStateConnected)
            back.state = XenbusStateClosing;
        break;
    case 1: /* it crashes, and another one begins */
        restart_back();
        break;
    case 2: /* it vanishes for a while */
        restart_back();
        back.state = XenbusStateUnknown;
        break;
    case 3: /* the domain goes elsewhere, to another one */
        restart_back();
        front_turn(DEVICE_RESUMED);
        break;
    default:
        break;
    }
    for (size_t turns = random_below(4); turns; turns--)
        random_one_in(2) ? front_turn(DEVICE_TOLD) : back_turn();
}

static void run_backend(void) {
    for (int i = 0; i < 3000; i++) {
        start_as(DEVICE_NEW);
        memset(&back, 0, sizeof back);
        back.online = back.there = true;
        back.state = XenbusStateInitialising;
        for (size_t n = random_below(6); n; n--)
            disturb();
        if (back.state == XenbusStateUnknown)
            restart_back();
        calm();
        REQUIRE_SAYING(front.connected && back.state == XenbusStateConnected,
                       "front %d, back %d", front.state, back.state);
        REQUIRE(back.uses == front.made);
        back.online = false;
        back.state = XenbusStateClosing;
        calm();
        REQUIRE(front.phase == DEVICE_GONE && !back.uses);
    }
}

#define SCENARIO(title, count)                                                             \
    TEST(title) {                                                                          \
        CHECK(scenario_run(#title, run_##title, count, random_seed()));                    \
    }

SCENARIO(all, 1)
SCENARIO(life, 1)
SCENARIO(text, 1)
SCENARIO(backend, 4)
