/* SPDX-License-Identifier: MIT */
/*
 * A backend that closes is asked to come back, unless it says that it will not (online is
 * 0): the frontend is Closed until the backend is, then Initialising, at which the backend
 * goes to InitWait. One that vanished and is there again begins with Initialising.
 */
#include "xenbus/device.h"

/* Nothing is to be done. */
static struct device_move stay(enum device_phase phase) {
    return (struct device_move){.phase = phase, .is_last = true};
}

static struct device_move go(enum device_phase phase, enum device_action action,
                             enum xenbus_state state) {
    return (struct device_move){.phase = phase, .action = action, .state = state};
}

static bool is_closing(int other) {
    return other == XenbusStateClosing || other == XenbusStateClosed;
}

/* It begins its life: what was shared with it before it knows nothing of. */
static bool is_beginning(int other) {
    return other == XenbusStateInitialising || other == XenbusStateInitWait;
}

static struct device_move leave_new(int other) {
    switch (other) {
    case XenbusStateInitWait:
    case XenbusStateInitialised: /* it does without InitWait */
    case XenbusStateConnected:
        return go(DEVICE_OFFERED, DEVICE_MAKE, XenbusStateInitialised);
    default:
        return stay(DEVICE_NEW);
    }
}

/* It may not have seen yet what is offered: only Connected tells that it has. */
static struct device_move leave_offered(int other) {
    if (other == XenbusStateConnected)
        return go(DEVICE_CONNECTED, DEVICE_CONNECT, XenbusStateConnected);
    if (is_closing(other))
        return go(DEVICE_CLOSED, DEVICE_DISCONNECT, XenbusStateClosed);
    if (other == XenbusStateUnknown)
        return go(DEVICE_NEW, DEVICE_DISCONNECT, XenbusStateInitialising);
    return stay(DEVICE_OFFERED);
}

static struct device_move leave_connected(int other, enum device_event event) {
    struct device_move move = stay(DEVICE_CONNECTED);

    if (is_closing(other))
        return go(DEVICE_CLOSED, DEVICE_DISCONNECT, XenbusStateClosed);
    if (other == XenbusStateUnknown || is_beginning(other))
        return go(DEVICE_NEW, DEVICE_DISCONNECT, XenbusStateInitialising);
    if (other == XenbusStateConnected && event == DEVICE_TOLD)
        move.action = DEVICE_LOOK;
    return move;
}

static struct device_move leave_closed(int other) {
    if (other == XenbusStateClosing || other == DEVICE_NONSENSE)
        return stay(DEVICE_CLOSED);
    return go(DEVICE_NEW, DEVICE_NOTHING, XenbusStateInitialising);
}

static struct device_move leave(enum device_phase phase, enum device_event event,
                                struct device_view view) {
    switch (phase) {
    case DEVICE_NEW:
        return leave_new(view.other);
    case DEVICE_OFFERED:
        return leave_offered(view.other);
    case DEVICE_CONNECTED:
        return leave_connected(view.other, event);
    case DEVICE_CLOSED:
        return leave_closed(view.other);
    case DEVICE_LEFT:
        if (view.is_online && is_beginning(view.other))
            return go(DEVICE_NEW, DEVICE_NOTHING, XenbusStateInitialising);
        return stay(phase);
    default:
        return stay(phase);
    }
}

struct device_move device_next(enum device_phase phase, enum device_event event,
                               struct device_view view) {
    bool is_out = phase == DEVICE_LEFT || phase == DEVICE_BROKEN;

    if (phase == DEVICE_GONE)
        return stay(phase);
    if (!view.is_there)
        return go(DEVICE_GONE, DEVICE_REMOVE, XenbusStateUnknown);
    if (event == DEVICE_MISUSED && phase != DEVICE_BROKEN)
        return go(DEVICE_BROKEN, DEVICE_FAIL, XenbusStateClosed);
    if (event == DEVICE_RESUMED && !is_out)
        return go(DEVICE_NEW, DEVICE_DISCONNECT, XenbusStateInitialising);
    if (!is_out && !view.is_online && is_closing(view.other))
        return go(DEVICE_LEFT, DEVICE_FAIL, XenbusStateClosed);
    return leave(phase, event, view);
}

int device_state(const char *text, long size) {
    if (size < 0)
        return XenbusStateUnknown;
    if (size != 1 || text[0] < '0' || text[0] > '0' + XenbusStateReconfigured)
        return DEVICE_NONSENSE;
    return text[0] - '0';
}
