/* SPDX-License-Identifier: MIT */
/*
 * The compile plan: what is asked of clang, and that our flags come before the user's.
 */
#include "compile.h"
#include "test.h"

#include <stdlib.h>

static enum compile_request request(char *const *user) {
    struct argv words = ARGV_EMPTY;
    enum compile_request is = compile_read(user, &words);

    argv_free(&words);
    return is;
}

TEST(requests) {
    CHECK_EQ(request((char *[]){"a.c", NULL}), COMPILE_RUN);
    CHECK_EQ(request((char *[]){NULL}), COMPILE_RUN);
    CHECK_EQ(request((char *[]){"a.c", "--help", NULL}), COMPILE_HELP);
    CHECK_EQ(request((char *[]){"-print-sysroot", NULL}), COMPILE_SYSROOT);
    CHECK_EQ(request((char *[]){"-shared", "a.c", NULL}), COMPILE_REFUSED);
    CHECK_EQ(request((char *[]){"-o", "--help", "a.c", NULL}), COMPILE_RUN);
    CHECK_EQ(request((char *[]){"--", "--version", NULL}), COMPILE_RUN);
}

TEST(version_is_answered_whatever_else_is_asked) {
    CHECK_EQ(request((char *[]){"-shared", "-m32", "--version", NULL}), COMPILE_VERSION);
    CHECK_EQ(request((char *[]){"-v", "--version", "x.c", NULL}), COMPILE_VERSION);
}

static size_t position(const struct argv *list, const char *word) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->words[i], word) == 0)
            return i;
    return list->count;
}

TEST(plan) {
    struct argv words = ARGV_EMPTY, command = ARGV_EMPTY;

    argv_push(&words, "-c");
    argv_push(&words, "a b.c");
    compile_plan("/llvm/clang", "/my tools", &words, &command);
    CHECK_TEXT(command.words[0], "/llvm/clang");
    CHECK(argv_has(&command, "--target=x86_64-atman-linux-musl"));
    CHECK(argv_has(&command, "--sysroot=/my tools/sysroot"));
    CHECK(argv_has(&command, "--ld-path=/my tools/libexec/atman/ld.atman"));
    CHECK(argv_has(&command, "-D__atman__=1"));
    CHECK_EQ(position(&command, "-c"), position(&command, "--end-no-unused-arguments") + 1);
    CHECK_TEXT(command.words[command.count - 1], "a b.c");
    argv_free(&words);
    argv_free(&command);
}

static const char *output(struct argv *words, const char *a, const char *b) {
    argv_free(words);
    argv_push(words, a);
    argv_push(words, b);
    return compile_output(words);
}

TEST(output) {
    struct argv words = ARGV_EMPTY;

    CHECK_TEXT(output(&words, "-o", "k"), "k");
    CHECK_TEXT(output(&words, "-ok", "a.c"), "k");
    CHECK_TEXT(output(&words, "--output", "k"), "k");
    CHECK_TEXT(output(&words, "--output=k", "a.c"), "k");
    CHECK_TEXT(output(&words, "-object-file-name=k", "a.c"), NULL);
    CHECK_TEXT(output(&words, "-c", "a.c"), NULL);
    CHECK_TEXT(output(&words, "-I", "-o"), NULL);
    argv_free(&words);
}

TEST(links) {
    struct argv words = ARGV_EMPTY;

    output(&words, "a.c", "-o");
    CHECK(compile_links(&words));
    output(&words, "-I", "-c");
    CHECK(compile_links(&words));
    output(&words, "a.c", "-c");
    CHECK(!compile_links(&words));
    argv_free(&words);
}

TEST(environment) {
    setenv("LIBRARY_PATH", "/host", 1);
    setenv("CPATH", "/host", 1);
    setenv("CCC_OVERRIDE_OPTIONS", "+-m32", 1);
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    compile_clean_environment();
    CHECK_TEXT(getenv("LIBRARY_PATH"), NULL);
    CHECK_TEXT(getenv("CPATH"), NULL);
    CHECK_TEXT(getenv("CCC_OVERRIDE_OPTIONS"), NULL);
    CHECK_TEXT(getenv("SOURCE_DATE_EPOCH"), "1");
}
