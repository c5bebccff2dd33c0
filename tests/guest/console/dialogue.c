/* SPDX-License-Identifier: MIT */
/*
 * Output is seen while the program runs, and input reaches a program that waits for it: a
 * line is sent only when the one before it was answered.
 */
// stdin: dialogue one 'two words' three '' four five six
// stdout: 1: <one>
// stdout: 2: <two words>
// stdout: 3: <three>
// stdout: 4: <>
// stdout: 5: <four>
// stdout: 6: <five>
// stdout: 7: <six>
// stdout: end
#include <stdio.h>
#include <string.h>

int main(void) {
    char line[100];

    for (int i = 1; fgets(line, sizeof line, stdin); i++) {
        line[strcspn(line, "\n")] = 0;
        printf("%d: <%s>\n", i, line);
        fflush(stdout);
    }
    puts("end");
    return 0;
}
