/* SPDX-License-Identifier: MIT */
/* Builds the first stack and goes to the C library's entry point. */
#include "init/program.h"

#include <elf.h>

#include "fs/entropy.h"
#include "init/config.h"
#include "process/process.h"
#include "pv/pagetable.h"
#include "pv/start.h"

extern void _start(void); /* the C library's, or the program's own */

struct aux {
    unsigned long type, value;
};

const unsigned long *program_vector;

void program_start(unsigned long top) {
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)atman_text_start;
    uint64_t *random = (uint64_t *)(top - 2 * sizeof(uint64_t));

    entropy_read(random, 2 * sizeof *random);
    const struct aux aux[] = {
        {AT_PHDR, (unsigned long)atman_text_start + image->e_phoff},
        {AT_PHENT, image->e_phentsize},
        {AT_PHNUM, image->e_phnum},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_ENTRY, image->e_entry},
        {AT_CLKTCK, 100},
        {AT_UID, 0},
        {AT_EUID, 0},
        {AT_GID, 0},
        {AT_EGID, 0},
        {AT_SECURE, 0},
        {AT_RANDOM, (unsigned long)random},
        {AT_EXECFN, (unsigned long)config.argv[0]},
        {AT_NULL, 0},
    };
    size_t words = 1 + config.argc + 1 + config.envc + 1 + 2 * ARRAY_SIZE(aux);
    unsigned long *sp = (unsigned long *)ROUND_DOWN((unsigned long)random - words * 8, 16);
    unsigned long *at = sp;

    program_vector = sp;
    *at++ = config.argc;
    for (unsigned i = 0; i < config.argc; i++)
        *at++ = (unsigned long)config.argv[i];
    *at++ = 0;
    for (unsigned i = config.envc; i-- > 0;)
        *at++ = (unsigned long)config.envp[i];
    *at++ = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(aux); i++) {
        *at++ = aux[i].type;
        *at++ = aux[i].value;
    }
    atman_is_guest = true;
    pv_enter_program((unsigned long)sp, _start);
}
