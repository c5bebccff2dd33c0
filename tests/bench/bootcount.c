/* SPDX-License-Identifier: MIT */
/* QEMU TCG plugin: how many instructions a PV guest and Xen below it execute from the
 * guest's entry to the first execution of a given address, and on which hypercalls.
 * An instruction belongs to Xen if its address lies in Xen's part of the address space,
 * else to the guest. Entry is the first one outside that range once Xen has run a
 * million of its own; firmware and Xen's 32-bit start come before that.
 * Holds for one virtual CPU and one domain; counts are exact under -icount. */
#include "number.h"
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xen/arch/x86/include/asm/config.h: slots 256-271 of the top-level page table. */
#define XEN_FIRST 0xffff800000000000u
#define XEN_LAST 0xffff87ffffffffffu
#define XEN_STARTED 1000000u
#define HYPERCALLS 64

struct count {
    uint64_t guest, xen;
};

struct cost {
    uint64_t calls, xen;
};

static struct count now;   /* since power-on */
static struct count entry; /* `now` at the guest's entry */
static int entered, arrived, trace;
static uint64_t target, bounce;
static struct number_state number;
static FILE *out;

/* Costs by hypercall number; the last three are "number unknown", "no hypercall yet, but
 * its way from the guest's user mode into its kernel mode", and "no hypercall": traps,
 * events and interrupts. */
enum { COST_UNKNOWN = HYPERCALLS, COST_BOUNCE, COST_TRAP, COSTS };
static struct cost costs[COSTS];
static int pending = COST_TRAP; /* why Xen runs, if it does */
static int continued;           /* it goes on with a hypercall it had broken off */
static uint64_t settled;        /* now.xen up to here is accounted for in costs */

QEMU_PLUGIN_PUBLIC int qemu_plugin_version = QEMU_PLUGIN_API;

static void mark(const char *what, uint64_t va) {
    fprintf(out, "mark\t%s\t0x%llx\t%llu\t%llu\n", what, (unsigned long long)va,
            (unsigned long long)(now.guest - entry.guest),
            (unsigned long long)(now.xen - entry.xen));
    fflush(out);
}

static const char *cost_name(int which, char buffer[16]) {
    if (which == COST_TRAP)
        return "trap";
    if (which == COST_BOUNCE)
        return "bounce";
    if (which == COST_UNKNOWN)
        return "unknown";
    snprintf(buffer, 16, "%d", which);
    return buffer;
}

/* Books what Xen did since the guest last ran. */
static void settle(void) {
    uint64_t spent = now.xen - settled;
    char buffer[16];

    if (!spent)
        return;
    if (!continued)
        costs[pending].calls++;
    costs[pending].xen += spent;
    continued = 0;
    if (trace)
        fprintf(out, "step\t%s\t%llu\t%llu\n", cost_name(pending, buffer),
                (unsigned long long)(now.guest - entry.guest), (unsigned long long)spent);
    pending = COST_TRAP;
    settled = now.xen;
}

/* Every translated block of the guest begins here; so does its return from Xen. */
static void on_guest_block(unsigned vcpu, void *va) {
    (void)vcpu;
    if (!entered) {
        if (now.xen < XEN_STARTED)
            return;
        entered = 1;
        entry = now;
        settled = now.xen;
        number_reset(&number);
        mark("entry", (uintptr_t)va);
    } else {
        if ((uintptr_t)va == bounce)
            pending = COST_BOUNCE;
        settle();
    }
}

static void on_target(unsigned vcpu, void *va) {
    char buffer[16];

    (void)vcpu;
    if (!entered || arrived)
        return;
    arrived = 1;
    mark("target", (uintptr_t)va);
    for (int i = 0; i < COSTS; i++)
        if (costs[i].calls)
            fprintf(out, "xen\t%s\t%llu\t%llu\n", cost_name(i, buffer),
                    (unsigned long long)costs[i].calls, (unsigned long long)costs[i].xen);
    fflush(out);
}

/* A step of the number's derivation travels as the callback's data pointer: a small
 * effect above a 32-bit value. */
static void on_step(unsigned vcpu, void *packed) {
    uintptr_t bits = (uintptr_t)packed;
    struct number_step step = {(enum number_effect)(bits >> 32), (uint32_t)bits};
    uint32_t found;

    (void)vcpu;
    continued = step.effect == NUMBER_SYSCALL && number_repeats(&number, now.guest);
    found = number_run(&number, step, now.guest);
    if (step.effect == NUMBER_SYSCALL)
        pending = found < HYPERCALLS ? (int)found : COST_UNKNOWN;
}

static void watch_number(struct qemu_plugin_insn *insn) {
    char *text = qemu_plugin_insn_disas(insn);
    struct number_step step =
        number_decode(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn), text);

    free(text);
    if (step.effect != NUMBER_NONE)
        qemu_plugin_register_vcpu_insn_exec_cb(
            insn, on_step, QEMU_PLUGIN_CB_NO_REGS,
            (void *)((uintptr_t)step.effect << 32 | step.value));
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t va = qemu_plugin_insn_vaddr(insn);
        int xen = va >= XEN_FIRST && va <= XEN_LAST;

        if (!xen && i == 0)
            qemu_plugin_register_vcpu_tb_exec_cb(tb, on_guest_block, QEMU_PLUGIN_CB_NO_REGS,
                                                 (void *)(uintptr_t)va);
        if (!xen && va == target)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_target, QEMU_PLUGIN_CB_NO_REGS,
                                                   (void *)(uintptr_t)va);
        if (!xen && now.xen >= XEN_STARTED)
            watch_number(insn);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   xen ? &now.xen : &now.guest, 1);
    }
}

static void on_end(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    mark("exit", 0);
    fclose(out);
}

static int fail(const char *object, const char *reason) {
    char line[256];

    snprintf(line, sizeof line, "bootcount: %s: %s\n", object, reason);
    qemu_plugin_outs(line);
    return -1;
}

/* Arguments: target=ADDRESS and out=FILE are required. bounce=ADDRESS: where Xen enters the
 * guest's kernel mode for a hypercall in user mode. trace=on adds a line for every time Xen
 * ran. */
QEMU_PLUGIN_PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                           int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "target=", 7) == 0)
            target = strtoull(argv[i] + 7, NULL, 0);
        else if (strncmp(argv[i], "bounce=", 7) == 0)
            bounce = strtoull(argv[i] + 7, NULL, 0);
        else if (strncmp(argv[i], "out=", 4) == 0)
            out = fopen(argv[i] + 4, "w");
        else if (strcmp(argv[i], "trace=on") == 0)
            trace = 1;
        else
            return fail(argv[i], "unknown argument");
    }
    if (!target)
        return fail("target", "missing; give the address to count up to");
    if (!out)
        return fail("out", "missing or not writable; give a file");
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
