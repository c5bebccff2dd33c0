/* SPDX-License-Identifier: MIT */
/* The smaller hello of the benchmark: nothing but one system call. */
#include <unistd.h>

int main(void) {
    static const char text[] = "hello\n";

    return write(1, text, sizeof text - 1) != sizeof text - 1;
}
