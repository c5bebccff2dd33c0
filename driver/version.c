/* SPDX-License-Identifier: MIT */
/*
 * What `atman-cc --version` says. Meson takes the first version number in it for the
 * compiler's, others look for "clang version": so the first line is clang's own with our
 * name, and Atman's version comes last.
 */
#include "compile.h"
#include "identity.h"
#include "install.h"
#include "memory.h"
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Prints clang's answer, its first line from "clang version" on. */
static void print_clang(char *text) {
    char *line = strstr(text, "clang version");

    printf("Atman %s", line ? line : text);
}

/* What clang says for our target, or NULL; the caller frees it. */
static char *ask_clang(const char *root) {
    char *clang = llvm_tool_find("clang");
    struct argv command = ARGV_EMPTY, words = ARGV_EMPTY;
    char *text = NULL;
    int status;

    if (!clang)
        return NULL;
    argv_push(&words, "--version");
    compile_plan(clang, root, &words, &command);
    if (process_capture(&command, &text, &status) < 0) {
        text = NULL;
    } else if (process_exit_status(status) != 0 || !*text) {
        free(text);
        text = NULL;
    }
    argv_free(&words);
    argv_free(&command);
    free(clang);
    return text;
}

/* Atman's version, musl's and the sysroot's identification. */
static void print_sysroot(const char *root) {
    char *libc = install_path(root, "sysroot/usr/lib/libc.a");

    if (access(libc, R_OK) == 0)
        printf("atman %s, musl %s, sysroot %016llx\n", ATMAN_VERSION, ATMAN_MUSL_VERSION,
               (unsigned long long)identity_hash(root));
    else
        printf("atman %s, no musl: %s is missing\n", ATMAN_VERSION, libc);
    free(libc);
}

void compile_print_version(const char *root) {
    char *text = ask_clang(root);

    if (text)
        print_clang(text);
    else
        printf("Atman: clang-" ATMAN_LLVM_MAJOR
               " not found; apt-get install clang-" ATMAN_LLVM_MAJOR "\n");
    free(text);
    print_sysroot(root);
}
