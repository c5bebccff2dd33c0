/* SPDX-License-Identifier: MIT */
/* The environment is what -e says, in that order, and can be changed. */
// native:
// stdout-from: native
// case: several
// env: A=1 'SPACES=two words ' 'EQUALS=a=b==c' EMPTY= 'QUOTES=it'"'"'s "q" \b' 'UTF=grün' COMMA=a,,b
// env: atman.log=debug
// case: none but the seed
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv, char **envp) {
    (void)argc;
    (void)argv;
    for (char **e = envp; *e; e++)
        printf("%zu <%s>\n", strlen(*e), *e);
    const char *spaces = getenv("SPACES"), *empty = getenv("EMPTY");
    printf("<%s> <%s> %s\n", spaces ? spaces : "none", empty ? empty : "none",
           getenv("NOT_THERE") ? "wrong" : "absent");
    printf("%d %d %d\n", setenv("A", "2", 0), setenv("B", "3", 1), unsetenv("EMPTY"));
    printf("%s %s %s\n", getenv("A") ? getenv("A") : "none", getenv("B"),
           getenv("EMPTY") ? "there" : "gone");
    printf("%d\n", putenv((char[]){"C=x y"}));
    printf("%s\n", getenv("C"));
    printf("%d\n", clearenv());
    printf("%s\n", !environ || !*environ ? "empty" : "not empty");
    return 0;
}
