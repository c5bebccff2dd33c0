/* SPDX-License-Identifier: MIT */
/*
 * Accesses that must not succeed: each ends the domain with status 139 and a report that
 * says what was touched and names the function and the line.
 */
// flags: -fstack-protector-all
// exit: 139
// case: read null
// args: read_null
// stderr-like: ^atman: fatal: page fault reading 0x8: .*null.* \(SIGSEGV\)$
// stderr-like: ^atman:   rip 0x[0-9a-f]{16}  rsp 0x[0-9a-f]{16}
// stderr-like: ^atman: backtrace:$
// stderr-like: ^atman:   #0 0x[0-9a-f]{16} in read_null at .*crash/access\.c:@{read_null}$
// stderr-like: ^atman:   #[12] 0x[0-9a-f]{16} in main at .*crash/access\.c:@{call}$
// stderr-like: ^atman: end of report$
// case: write null
// args: write_null
// stderr-like: ^atman: fatal: page fault writing 0x0: .*null.* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in write_null at .*access\.c:@{write_null}$
// case: call null
// args: call_null
// stderr-like: ^atman: fatal: page fault executing 0x0: .*null.* \(SIGSEGV\)$
// stderr-like: in call_null at .*access\.c:@{call_null}$
// case: jump into data
// args: jump_data
// stderr-like: ^atman: fatal: page fault executing 0x[0-9a-f]+: .*data.* \(SIGSEGV\)$
// stderr-like: in jump at .*access\.c:@{jump}$
// case: jump into constants
// args: jump_constants
// stderr-like: ^atman: fatal: page fault executing
// stderr-like: in jump at .*access\.c:@{jump}$
// case: jump into bss
// args: jump_bss
// stderr-like: ^atman: fatal: page fault executing
// case: jump into the heap
// args: jump_heap
// stderr-like: ^atman: fatal: page fault executing
// stderr-like: in jump at .*access\.c:@{jump}$
// case: jump into the stack
// args: jump_stack
// stderr-like: ^atman: fatal: page fault executing
// stderr-like: in jump at .*access\.c:@{jump}$
// case: jump into a mapping without PROT_EXEC
// args: jump_mapping
// stderr-like: ^atman: fatal: page fault executing
// case: write to a string constant
// args: write_string
// stderr-like: ^atman: fatal: page fault writing 0x[0-9a-f]+: .*read-only.* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in store at .*access\.c:@{store}$
// stderr-like: in main at .*access\.c:@{call}$
// case: write to a constant
// args: write_constant
// stderr-like: ^atman: fatal: page fault writing .*read-only
// case: write to code
// args: write_code
// stderr-like: ^atman: fatal: page fault writing 0x[0-9a-f]+: .*code.* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in store at .*access\.c:@{store}$
// case: memory without access rights
// args: no_rights
// stderr-like: ^atman: fatal: page fault reading 0x[0-9a-f]+: .* \(SIGSEGV\)$
// stderr-like: in load at .*access\.c:@{load}$
// case: memory given back
// args: unmapped
// stderr-like: ^atman: fatal: page fault reading 0x[0-9a-f]+: .*mapped.* \(SIGSEGV\)$
// case: write to a read-only mapping
// args: read_only
// stderr-like: ^atman: fatal: page fault writing 0x[0-9a-f]+: .*read-only.* \(SIGSEGV\)$
// case: an impossible address
// args: impossible
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in load at .*access\.c:@{load}$
// case: the hypervisor's memory
// args: hypervisor
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// stderr-like: #0 0x[0-9a-f]{16} in store at .*access\.c:@{store}$
// case: a smashed stack
// args: smash
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// stderr-like: in smash
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct pair {
    long a, b;
};

static char data[64] = {(char)0xc3}; /* a `ret`: would return if it could be executed */
static char bss[64];
static const char constants[64] = {(char)0xc3};
static volatile long sink;

__attribute__((noinline, optnone)) static void store(volatile char *p) {
    *p = 1; /* here: store */
}

__attribute__((noinline, optnone)) static void load(volatile char *p) {
    sink = *p; /* here: load */
}

__attribute__((noinline, optnone)) static void jump(const void *p) {
    ((void (*)(void))p)(); /* here: jump */
    sink++;
}

__attribute__((noinline, optnone)) static void read_null(struct pair *volatile p) {
    sink = p->b; /* here: read_null */
}

__attribute__((noinline, optnone)) static void write_null(volatile long *volatile p) {
    *p = 1; /* here: write_null */
}

__attribute__((noinline, optnone)) static void call_null(void (*volatile p)(void)) {
    p(); /* here: call_null */
    sink++;
}

static void *map(int prot) {
    void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        exit(2);
    *(volatile unsigned char *)p = 0xc3;
    if (mprotect(p, 8192, prot))
        exit(3);
    return p;
}

static void do_read_null(void) {
    read_null(NULL);
}
static void do_write_null(void) {
    write_null(NULL);
}
static void do_call_null(void) {
    call_null(NULL);
}
static void do_jump_data(void) {
    jump(data);
}
static void do_jump_constants(void) {
    jump(constants);
}
static void do_jump_bss(void) {
    *(volatile unsigned char *)bss = 0xc3;
    jump(bss);
}
static void do_jump_heap(void) {
    volatile unsigned char *p = malloc(100);

    *p = 0xc3;
    jump((void *)p);
}
static void do_jump_stack(void) {
    volatile unsigned char code[16] = {0xc3};

    jump((void *)code);
}
static void do_jump_mapping(void) {
    jump(map(PROT_READ | PROT_WRITE));
}
static void do_write_string(void) {
    const char *volatile text = "constant";

    store((char *)text);
}
static void do_write_constant(void) {
    store((char *)constants);
}
static void do_write_code(void) {
    char *volatile code = (char *)(void *)store;

    store(code);
}
static void do_no_rights(void) {
    load(map(PROT_NONE));
}
static void do_unmapped(void) {
    char *p = map(PROT_READ);

    munmap(p, 8192);
    load(p);
}
static void do_read_only(void) {
    store((char *)map(PROT_READ) + 4096);
}
static void do_impossible(void) {
    load((char *)0x8000000000000000);
}
static void do_hypervisor(void) {
    store((char *)0xffff830000001000);
}

/* The canary is found overwritten when the function returns. */
__attribute__((noinline, optnone)) static void smash(volatile char *p, size_t size) {
    volatile char small[8];

    p = small;
    for (size_t i = 0; i < size; i++)
        p[i] = 1;
}
static void do_smash(void) {
    smash(NULL, 24);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*act)(void);
    } acts[] = {
        {"read_null", do_read_null},           {"write_null", do_write_null},
        {"call_null", do_call_null},           {"jump_data", do_jump_data},
        {"jump_constants", do_jump_constants}, {"jump_bss", do_jump_bss},
        {"jump_heap", do_jump_heap},           {"jump_stack", do_jump_stack},
        {"jump_mapping", do_jump_mapping},     {"write_string", do_write_string},
        {"write_constant", do_write_constant}, {"write_code", do_write_code},
        {"no_rights", do_no_rights},           {"unmapped", do_unmapped},
        {"read_only", do_read_only},           {"impossible", do_impossible},
        {"hypervisor", do_hypervisor},         {"smash", do_smash},
    };

    for (size_t i = 0; argc == 2 && i < sizeof acts / sizeof *acts; i++)
        if (!strcmp(argv[1], acts[i].name)) {
            acts[i].act(); /* here: call */
            return 0;
        }
    return 99;
}
