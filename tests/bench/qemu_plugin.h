/* SPDX-License-Identifier: MIT */
/* The few functions of QEMU's TCG plugin interface, version 1, that the counting
 * plugin calls. Debian's QEMU packages ship no header, so the ABI is declared here
 * from its documentation: docs/devel/tcg-plugins.rst of QEMU 7.2. All opaque things
 * (blocks, instructions) are valid only inside the callback that hands them over. */
#ifndef ATMAN_BENCH_QEMU_PLUGIN_H
#define ATMAN_BENCH_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_API 1
#define QEMU_PLUGIN_PUBLIC __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* What a callback does with the CPU's registers: in this version, always nothing. */
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
/* The one operation that runs without a call: *ptr += imm. */
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

typedef void (*qemu_plugin_tb_trans_cb)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*qemu_plugin_exec_cb)(unsigned vcpu, void *data);
typedef void (*qemu_plugin_atexit_cb)(qemu_plugin_id_t, void *data);
typedef void (*qemu_plugin_simple_cb)(qemu_plugin_id_t);

/* The plugin exports these two; install returns 0, or QEMU does not start. */
extern QEMU_PLUGIN_PUBLIC int qemu_plugin_version;
QEMU_PLUGIN_PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
                                           int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_tb_trans_cb cb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_exec_cb cb,
                                          enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            qemu_plugin_exec_cb cb,
                                            enum qemu_plugin_cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
                                                enum qemu_plugin_op op, void *ptr,
                                                uint64_t imm);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_atexit_cb cb,
                                    void *data);

/* Drops all callbacks and all translated code, soon; then calls `done`, once, which may
 * register others. */
void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb done);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
                                                 size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
/* The instruction as text; the caller frees it. */
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);

/* A line to QEMU's own log (stderr by default). */
void qemu_plugin_outs(const char *string);

#endif
