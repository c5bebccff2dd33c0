/* SPDX-License-Identifier: MIT */
/*
 * Each access to a port traps to Xen, which carries it out; a string instruction traps
 * once for many bytes, so those are used wherever there is more than one.
 */
#include "console/ports.h"

#include <errno.h>

#include "base/format.h"
#include "console/wait.h"
#include "xen/hypercall.h"

enum {
    PORT_OUT = 0xe9, /* and the two behind it: errors, log */
    PORT_EXIT = 0xf4,
    UART_DATA = 0x2f8,
    UART_EVENTS = UART_DATA + 1, /* IER */
    UART_FIFO = UART_DATA + 2,   /* FCR, written */
    UART_MODEM = UART_DATA + 4,  /* MCR */
    UART_STATUS = UART_DATA + 5, /* LSR */
    FIFO_ENABLE = 0x01,
    STATUS_DATA = 0x01,
    EVENT_DATA = 0x01,
    MODEM_OUT2 = 0x08, /* on a PC: the interrupt's line is connected */
    UART_IRQ = 3,
    IDLE_NS = 1000000,
};

static void out8(uint16_t port, uint8_t value) {
    __asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port) {
    uint8_t value;

    __asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void out8_string(uint16_t port, const char *data, size_t size) {
    __asm__ __volatile__("rep outsb" : "+S"(data), "+c"(size) : "d"(port) : "memory");
}

bool ports_init(void) {
    struct physdev_set_iopl iopl = {.iopl = 3};

    return xen_physdev_op(PHYSDEVOP_set_iopl, &iopl) == 0;
}

void ports_write(enum console_stream stream, const char *data, size_t size) {
    out8_string(PORT_OUT + stream, data, size);
}

/* Nothing is sent before we ask: the bytes would be lost while the line is set up. */
static void ask_for_input(void) {
    static const char line[] = "\001stdin\n";

    out8(UART_FIFO, FIFO_ENABLE);
    ports_write(CONSOLE_LOG, line, sizeof line - 1);
}

/* Waits for the next byte of the line, ever less eagerly; false if a signal ends that. */
static bool await(void) {
    static bool asked;
    struct tick tick = wait_begin_ticks(IDLE_NS);

    if (!asked) {
        asked = true;
        ask_for_input();
    }
    while (!(in8(UART_STATUS) & STATUS_DATA))
        if (!wait_for_tick(&tick))
            return false;
    return true;
}

static uint8_t receive(void) {
    while (!await()) /* a frame is read whole */
        ;
    return in8(UART_DATA);
}

/* Frames of a length byte and that many bytes; a length of 0 is the end of the input. */
long ports_read(char *buffer, size_t size) {
    static uint8_t left;
    static bool ended;
    size_t n = 0;

    if (!left && !ended) {
        if (!await())
            return -EINTR;
        left = receive();
        ended = !left;
    }
    for (; left && n < size; left--)
        buffer[n++] = (char)receive();
    return (long)n;
}

bool ports_listen(upcall_handler *handler) {
    struct physdev_map_pirq map = {.domid = DOMID_SELF,
                                   .type = MAP_PIRQ_TYPE_GSI,
                                   .index = UART_IRQ,
                                   .pirq = UART_IRQ};
    struct evtchn_bind_pirq bind = {.pirq = UART_IRQ};

    if (xen_physdev_op(PHYSDEVOP_map_pirq, &map) < 0 ||
        xen_event_channel_op(EVTCHNOP_bind_pirq, &bind) < 0)
        return false;
    upcall_bind(bind.port, handler);
    out8(UART_FIFO, FIFO_ENABLE);
    out8(UART_MODEM, MODEM_OUT2);
    out8(UART_EVENTS, EVENT_DATA);
    return true;
}

void ports_calm(void) {
    while (in8(UART_STATUS) & STATUS_DATA)
        in8(UART_DATA);
}

void ports_exit(unsigned status) {
    char line[16];

    ports_write(CONSOLE_LOG, line, format(line, sizeof line, "\001exit %u\n", status));
    __asm__ __volatile__("outl %0, %1" : : "a"(0), "Nd"((uint16_t)PORT_EXIT));
}
