/* SPDX-License-Identifier: MIT */
/*
 * The start, in order: traps, memory protection, page allocator, command line, console,
 * the main thread's stack, the program. Called by pv/start.S.
 *
 * The builder's mapping is the image, start_info and its kin, page tables, one page of
 * stack, and at least 512 KiB of memory behind (xen/include/public/xen.h, "start-of-day
 * memory layout").
 */
#include <elf.h>

#include "base/linked.h"
#include "base/panic.h"
#include "console/console.h"
#include "init/config.h"
#include "init/program.h"
#include "log/log.h"
#include "mm/balloon.h"
#include "mm/page.h"
#include "mm/space.h"
#include "pv/mode.h"
#include "pv/pagetable.h"
#include "pv/protect.h"
#include "pv/trap.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "signal/fault.h"
#include "sys/calls.h"
#include "xen/domain.h"
#include "xenbus/life.h"

enum {
    MAPPING_UNIT = 4 << 20,
    MAPPING_PADDING = 512 << 10,
    STACK_DEFAULT = 8 << 20,
    STACK_LEAST = 32 << 10,
    STACK_READY = 32 << 10, /* that comes from the builder's mapping */
};

/* Where the builder's mapping ends, from where its stack does. */
static unsigned long find_mapped_end(unsigned long stack_end) {
    unsigned long end = ROUND_UP(stack_end, MAPPING_UNIT);

    return end - stack_end < MAPPING_PADDING ? end + MAPPING_UNIT : end;
}

/* What the command line says, or -z stack-size at link time, or Linux's default. */
static size_t choose_stack_size(void) {
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)atman_text_start;
    const Elf64_Phdr *phdr = (const Elf64_Phdr *)(atman_text_start + image->e_phoff);

    if (config.stack_size)
        return config.stack_size;
    for (unsigned i = 0; i < image->e_phnum; i++)
        if (phdr[i].p_type == PT_GNU_STACK && phdr[i].p_memsz)
            return phdr[i].p_memsz;
    return STACK_DEFAULT;
}

/*
 * The page allocator gets what is behind the stack's first pages. They are mapped a second
 * time, where the stack can grow. Its upper end.
 */
static unsigned long make_stack(unsigned long boot_stack_end, unsigned long mapped_end) {
    pfn_t first = pt_direct_pfn((void *)boot_stack_end);
    size_t ready = STACK_READY >> PAGE_SHIFT, size = choose_stack_size();

    size = ROUND_UP(size < STACK_LEAST ? STACK_LEAST : size, PAGE_SIZE);
    config.stack_size = size;
    page_init(first + ready, pt_direct_pfn((void *)mapped_end), xen_start_info->nr_pages,
              balloon_limit(xen_start_info->nr_pages));
    unsigned long end = space_make_stack(size, first, ready);
    if (!end)
        panic("not enough memory for the main thread's stack; see atman.stack");
    return end;
}

static void log_start_info(unsigned long stack) {
    const struct start_info *si = xen_start_info;

    log_debug("Atman " ATMAN_VERSION " on %s", si->magic);
    log_debug("     ptr_size:  %u", (unsigned)sizeof(void *));
    log_debug("   start_info:  0x%lx", (unsigned long)si);
    log_debug("     nr_pages:  %lu", si->nr_pages);
    log_debug("  shared_info:  0x%lx", si->shared_info);
    log_debug("        flags:  0x%x", si->flags);
    log_debug("    store_mfn:  0x%lx", si->store_mfn);
    log_debug(" store_evtchn:  %u", si->store_evtchn);
    log_debug("  console_mfn:  0x%lx", si->console.domU.mfn);
    log_debug("      pt_base:  0x%lx", si->pt_base);
    log_debug(" nr_pt_frames:  %lu", si->nr_pt_frames);
    log_debug("     mfn_list:  0x%lx", si->mfn_list);
    log_debug("    mod_start:  0x%lx", si->mod_start);
    log_debug("      mod_len:  %lu", si->mod_len);
    log_debug("    first_pfn:  %lu", si->first_p2m_pfn);
    log_debug("nr_p2m_frames:  %lu", si->nr_p2m_frames);
    log_debug("        image:  0x%lx to 0x%lx", (unsigned long)atman_image_start,
              (unsigned long)atman_image_end);
    log_debug("        stack:  %lu KiB up to 0x%lx", config.stack_size >> 10, stack);
}

/* There if the image holds the dispatcher of system calls. */
#pragma weak atman_raw_handler

_Noreturn void init_start(unsigned long boot_stack_end);

_Noreturn void init_start(unsigned long boot_stack_end) {
    static const char *words[CONFIG_WORDS];
    unsigned long mapped_end = find_mapped_end(boot_stack_end);

    thread_main.tid = 1;
    thread_main.affinity = ~0u;
    mode_init_line(&thread_main);
    trap_handlers.fault = fault_handle;
    if (&atman_raw_handler)
        trap_handlers.syscall = atman_raw_handler;
    trap_init();
    protect_image(boot_stack_end - PAGE_SIZE, mapped_end);
    config_read((char *)xen_start_info->cmd_line, words);
    console_init(config.use_ports, config.use_rings, config.join_errors);
    if (config.unknown)
        log_error("%s: not a setting of the runtime, or not a value of it; ignored",
                  config.unknown);

    unsigned long stack = make_stack(boot_stack_end, mapped_end);
    log_start_info(stack);
    clock_init();
    mode_init((unsigned long)atman_boot_stack + BOOT_STACK_SIZE);
    life_start();
    for (void (*const *part)(void) = atman_linked_start; part < atman_linked_end; part++)
        (*part)();
    program_start(stack);
}
