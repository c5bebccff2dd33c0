/* SPDX-License-Identifier: MIT */
/* The first program: an ordinary C program, nothing in it knows of Xen. */
#include <stdio.h>
#include <time.h>

int main(void) {
    time_t now = time(NULL);
    char when[64];

    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime(&now));
    printf("Hello, world\n");
    printf("The current time is %s UTC\n", when);
    return 0;
}
