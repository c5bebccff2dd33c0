/* SPDX-License-Identifier: MIT */
/*
 * An image with megabytes of code, constants, data and zeros: all of it is where it should
 * be, code can be run from its first page to its last, and the rest cannot be executed or
 * (constants) written, as in a small one.
 */
// case: it works
// args: all
// stdout-from: checks
// memory: 48M
// case: constants stay constant
// args: write
// memory: 48M
// exit: 139
// stderr-like: ^atman: fatal: page fault writing 0x[0-9a-f]+: .*read-only
// case: data is not executed
// args: execute
// memory: 48M
// exit: 139
// stderr-like: ^atman: fatal: page fault executing 0x[0-9a-f]+: .*data
// case: the last code page is not written
// args: patch
// memory: 48M
// exit: 139
// stderr-like: ^atman: fatal: page fault writing 0x[0-9a-f]+: .*code
// case: less memory than the image needs
// args: all
// memory: 16M
// exit: 125
// stderr-like: atman-run: .
#include <sys/mman.h>

#include "check.h"

/* 5 MB of code: functions that return their number, 64 KiB apart. */
enum { FUNCTIONS = 80 };
__asm__(".pushsection .text.large,\"ax\",@progbits\n"
        ".globl large_code\n"
        ".balign 16\n"
        "large_code:\n"
        ".set number, 0\n"
        ".rept 80\n"
        "    mov $number, %eax\n"
        "    ret\n"
        "    .skip 65536 - 6, 0xcc\n"
        "    .set number, number + 1\n"
        ".endr\n"
        ".popsection\n");
extern char large_code[];

static const unsigned char constants[3 << 20] = {1, [1 << 20] = 2, [(3 << 20) - 1] = 3};
static unsigned char data[5 << 20] = {4, [3 << 20] = 5, [(5 << 20) - 1] = 0xc3};
static unsigned char zeros[15 << 20];

static int call(int number) {
    return ((int (*)(void))(void *)(large_code + number * 65536L))();
}

static void test_all(void) {
    for (int i = 0; i < FUNCTIONS; i++)
        CHECK_EQUAL(call(i), i);
    CHECK(constants[0] == 1 && constants[1 << 20] == 2 &&
          constants[sizeof constants - 1] == 3);
    CHECK(data[0] == 4 && data[3 << 20] == 5 && data[sizeof data - 1] == 0xc3);
    for (size_t i = 0; i < sizeof zeros; i++)
        if (zeros[i]) {
            CHECK_EQUAL(zeros[i], 0);
            break;
        }
    memset(zeros, 7, sizeof zeros);
    memset(data, 8, sizeof data);
    CHECK(constants[0] == 1 && zeros[sizeof zeros - 1] == 7 && call(79) == 79);
    char *p =
        mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && p[0] == 0);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    volatile unsigned char *at = NULL;

    if (!strcmp(what, "write"))
        at = (unsigned char *)&constants[(3 << 20) - 5000];
    if (!strcmp(what, "patch"))
        at = (unsigned char *)large_code + 79 * 65536L;
    if (at)
        *at = 9;
    if (!strcmp(what, "execute"))
        ((void (*)(void))(void *)&data[sizeof data - 1])();
    test_all();
    return checks_end();
}
