/* SPDX-License-Identifier: MIT */
/*
 * Standard input arrives byte for byte, whatever is in it and however it is read, and ends
 * where it ends: reading on gives 0 again and again.
 */
// stdout-from: stdin
// case: 1 MB by read
// stdin: random 1000000
// args: read
// timeout: 120
// case: by the byte
// stdin: random 3000
// args: byte
// case: by readv
// stdin: random 20000
// args: readv
// case: through stdio
// stdin: random 100000
// args: stdio
// case: lines
// stdin: text "one\ntwo  \n\n\ttabs\r\n\u00fcml\nlast without end"
// args: lines
// case: a frame's length
// stdin: random 255
// args: read
// case: nothing
// args: read
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char buffer[65536];

static void write_all(const char *data, size_t size) {
    while (size) {
        ssize_t n = write(1, data, size);
        if (n <= 0)
            exit(3);
        data += n;
        size -= (size_t)n;
    }
}

static void echo(size_t part) {
    ssize_t n;

    while ((n = read(0, buffer, part)) > 0)
        write_all(buffer, (size_t)n);
    if (n)
        exit(4);
}

static void echo_vectors(void) {
    struct iovec parts[] = {
        {buffer, 1}, {NULL, 0}, {buffer + 1, 1000}, {buffer + 1001, 50}};
    ssize_t n;

    while ((n = readv(0, parts, 4)) > 0)
        write_all(buffer, (size_t)n);
    if (n)
        exit(5);
}

static void echo_stdio(void) {
    int c;
    size_t n = 0;

    /* some pushed back on the way */
    while ((c = getchar()) != EOF) {
        if (n++ % 1000 == 0) {
            ungetc(c, stdin);
            c = getchar();
        }
        putchar(c);
    }
    if (!feof(stdin) || ferror(stdin))
        exit(6);
}

static void echo_lines(void) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, stdin)) > 0)
        fwrite(line, 1, (size_t)n, stdout);
    free(line);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";

    if (read(0, buffer, 0) != 0)
        return 2;
    if (!strcmp(how, "read"))
        echo(sizeof buffer);
    else if (!strcmp(how, "byte"))
        echo(1);
    else if (!strcmp(how, "readv"))
        echo_vectors();
    else if (!strcmp(how, "stdio"))
        echo_stdio();
    else
        echo_lines();
    for (int i = 0; i < 3; i++)
        if (read(0, buffer, 10) != 0)
            return 7;
    return 0;
}
