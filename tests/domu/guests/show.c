/* SPDX-License-Identifier: MIT */
/* Prints its working folder, and the size and first line of each file that it is given. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char line[200];
    struct stat st;

    puts(getcwd(line, sizeof line));
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "r");

        if (!file || fstat(fileno(file), &st) != 0 || !fgets(line, sizeof line, file)) {
            perror(argv[i]);
            return 1;
        }
        printf("%s %lld %s", argv[i], (long long)st.st_size, line);
        fclose(file);
    }
    return 0;
}
