/* SPDX-License-Identifier: MIT */
/* QEMU TCG plugin: instructions executed, by all CPUs and everything on them, up to each
 * time that one of a few addresses in the program is reached. Says for each time how many
 * of them were in the program's half of the address space, in Xen's part and in the rest
 * (a Linux kernel), and how often Xen was entered from outside.
 * Counts nothing until the address `start` is first reached, so that a kernel boots at
 * QEMU's full speed; what is counted after that is exact under -icount. */
#include "blocks.h"
#include "qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xen/arch/x86/include/asm/config.h: slots 256-271 of the top-level page table. */
#define XEN_FIRST 0xffff800000000000u
#define XEN_LAST 0xffff87ffffffffffu
#define CPUS 128

static struct {
    uint64_t program, kernel, xen; /* instructions executed */
    uint64_t visits;               /* of Xen */
    uint64_t rounds;               /* further rounds of instructions with a rep prefix */
} now;
/* The instruction with a rep prefix that ran last, and the instructions counted then. */
static uint64_t rep_va, rep_when;
static unsigned char in_xen[CPUS];
enum { START, BEGIN, END, MARKS };
static struct mark {
    const char *name;
    uint64_t address;
} marks[MARKS] = {{"start", 0}, {"begin", 0}, {"end", 0}};
static int counting, profile;
static FILE *out;

QEMU_PLUGIN_PUBLIC int qemu_plugin_version = QEMU_PLUGIN_API;

static void on_mark(unsigned vcpu, void *data) {
    const struct mark *mark = data;

    (void)vcpu;
    if (profile && mark == &marks[BEGIN])
        blocks_reset();
    if (profile && mark == &marks[END])
        blocks_print(out);
    fprintf(out, "%s\t%llu\t%llu\t%llu\t%llu\t%llu\n", mark->name,
            (unsigned long long)now.program, (unsigned long long)now.kernel,
            (unsigned long long)now.xen, (unsigned long long)now.visits,
            (unsigned long long)now.rounds);
    fflush(out);
}

static void on_xen_block(unsigned vcpu, void *data) {
    (void)data;
    in_xen[vcpu % CPUS] = 1;
}

static void on_guest_block(unsigned vcpu, void *data) {
    (void)data;
    now.visits += in_xen[vcpu % CPUS];
    in_xen[vcpu % CPUS] = 0;
}

static uint64_t *counter(uint64_t va) {
    if (va >> 63 == 0)
        return &now.program;
    return va >= XEN_FIRST && va <= XEN_LAST ? &now.xen : &now.kernel;
}

/* QEMU executes an instruction once for each round of its rep prefix; a processor retires
 * one, and so does this. It goes on with the one before if nothing ran in between. */
static void on_rep(unsigned vcpu, void *data) {
    uint64_t va = (uintptr_t)data;

    (void)vcpu;
    if (va == rep_va && rep_when == now.program + now.kernel + now.xen) {
        now.rounds++;
        return;
    }
    ++*counter(va);
    rep_va = va;
    rep_when = now.program + now.kernel + now.xen;
}

/* Is it one of the string instructions, with a rep prefix? The only other prefixes of
 * compilers and kernels are the operand size and REX. */
static int repeats(const struct qemu_plugin_insn *insn) {
    const uint8_t *code = qemu_plugin_insn_data(insn);
    size_t size = qemu_plugin_insn_size(insn), i = 0;
    int rep = 0;

    for (; i + 1 < size; i++) {
        if (code[i] == 0xf3 || code[i] == 0xf2)
            rep = 1;
        else if (code[i] != 0x66 && (code[i] & 0xf0) != 0x40)
            break;
    }
    return rep && i + 1 == size &&
           ((code[i] >= 0xa4 && code[i] <= 0xa7) || (code[i] >= 0xaa && code[i] <= 0xaf) ||
            (code[i] >= 0x6c && code[i] <= 0x6f));
}

static void watch(struct qemu_plugin_insn *insn, uint64_t va) {
    for (int m = 0; m < MARKS; m++)
        if (va == marks[m].address)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS,
                                                   &marks[m]);
    if (repeats(insn))
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_rep, QEMU_PLUGIN_CB_NO_REGS,
                                               (void *)(uintptr_t)va);
    else
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   counter(va), 1);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    struct qemu_plugin_insn *first = qemu_plugin_tb_get_insn(tb, 0);
    uint64_t start = qemu_plugin_insn_vaddr(first);
    uint64_t *block = profile ? block_counter(start) : NULL;

    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(
        tb, counter(start) == &now.xen ? on_xen_block : on_guest_block,
        QEMU_PLUGIN_CB_NO_REGS, NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

        watch(insn, qemu_plugin_insn_vaddr(insn));
        if (block && !repeats(insn))
            qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                       block, 1);
    }
}

static void count_from_now(qemu_plugin_id_t id) {
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
}

/* Runs as long as nothing is counted. */
static void on_start(unsigned vcpu, void *id) {
    (void)vcpu;
    if (!counting) {
        counting = 1;
        qemu_plugin_reset((uintptr_t)id, count_from_now);
        on_mark(vcpu, &marks[START]);
    }
}

static void on_early_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

        if (qemu_plugin_insn_vaddr(insn) == marks[START].address)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start, QEMU_PLUGIN_CB_NO_REGS,
                                                   (void *)(uintptr_t)id);
    }
}

static int fail(const char *object, const char *reason) {
    char line[256];

    snprintf(line, sizeof line, "markcount: %s: %s\n", object, reason);
    qemu_plugin_outs(line);
    return -1;
}

/* Takes NAME=ADDRESS if there is such a mark. */
static int take_mark(const char *argument) {
    for (int m = 0; m < MARKS; m++) {
        size_t length = strlen(marks[m].name);

        if (strncmp(argument, marks[m].name, length) == 0 && argument[length] == '=') {
            marks[m].address = strtoull(argument + length + 1, NULL, 0);
            return 1;
        }
    }
    return 0;
}

/* Arguments: out=FILE, start=ADDRESS, begin=ADDRESS and end=ADDRESS, all required;
 * profile=on adds, before each `end`, a line for each block executed since `begin`. */
QEMU_PLUGIN_PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                           int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out = fopen(argv[i] + 4, "w");
        else if (strcmp(argv[i], "profile=on") == 0)
            profile = 1;
        else if (!take_mark(argv[i]))
            return fail(argv[i], "unknown argument");
    }
    for (int m = 0; m < MARKS; m++)
        if (!marks[m].address)
            return fail(marks[m].name, "missing; give the mark's address");
    if (!out)
        return fail("out", "missing or not writable; give a file");
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_early_translation);
    return 0;
}
