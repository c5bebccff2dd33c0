/* SPDX-License-Identifier: MIT */
/* Constructors run in the order of their priorities, what ends the program in reverse. */
// native:
// stdout-from: native
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor(65000))) static void late(void) {
    puts("constructor 65000");
}
__attribute__((constructor(101))) static void early(void) {
    puts("constructor 101");
}
__attribute__((constructor)) static void plain(void) {
    puts("constructor");
}
__attribute__((constructor(200))) static void middle(void) {
    puts("constructor 200");
}
__attribute__((destructor(101))) static void last(void) {
    puts("destructor 101");
}
__attribute__((destructor)) static void first(void) {
    puts("destructor");
}
__attribute__((destructor(65000))) static void second(void) {
    puts("destructor 65000");
}

static void from_init_array(int argc, char **argv, char **envp) {
    (void)argc, (void)argv, (void)envp;
    puts("init_array");
}
__attribute__((section(".init_array"),
               used)) static void (*const entry)(int, char **, char **) = from_init_array;

static int registered;

static void at_end(void) {
    printf("atexit %d\n", registered--);
    if (registered == 20)
        atexit(at_end); /* one registered by another runs too */
}

int main(void) {
    puts("main");
    for (int i = 0; i < 40; i++) /* more than the C library has room for at first */
        registered += atexit(at_end) == 0;
    printf("%d registered", registered);
    fflush(stdout);
    putchar('\n');
    return 0;
}
