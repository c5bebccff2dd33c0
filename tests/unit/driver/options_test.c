/* SPDX-License-Identifier: MIT */
/*
 * Reading command lines: which words are arguments of others, and what the table in
 * rules.c does to them.
 */
#include "memory.h"
#include "options.h"
#include "test.h"

#include <stdlib.h>

/* A line from words that are separated by single spaces. */
static struct argv line_of(const char *text) {
    struct argv line = ARGV_EMPTY;

    while (*text) {
        size_t length = strcspn(text, " ");
        char *word = must_copy_part(text, length);

        argv_push(&line, word);
        free(word);
        text += length + (text[length] == ' ');
    }
    return line;
}

/* Filters the line; the words that are left must be `wanted`, NULL: it must be refused. */
static void check_filter(enum option_language language, const char *text,
                         const char *wanted) {
    struct argv line = line_of(text), out = ARGV_EMPTY;
    char *is = must_copy("");

    if (options_filter(language, &line, &out)) {
        for (size_t i = 0; i < out.count; i++) {
            char *longer = must_format("%s%s%s", is, i ? " " : "", out.words[i]);

            free(is);
            is = longer;
        }
        CHECK_TEXT(is, wanted);
    } else if (wanted) {
        CHECK_TEXT("refused", text);
    }
    CHECK(wanted || out.count < line.count);
    free(is);
    argv_free(&out);
    argv_free(&line);
}

static void compiler(const char *text, const char *wanted) {
    check_filter(OPTIONS_COMPILER, text, wanted);
}

static void linker(const char *text, const char *wanted) {
    check_filter(OPTIONS_LINKER, text, wanted);
}

TEST(arguments_of_compiler_options) {
    static const char *const one[] = {"-o",       "-x",      "-I",      "-L",
                                      "-l",       "-D",      "-U",      "-include",
                                      "-isystem", "-MF",     "-MT",     "-Xclang",
                                      "-Xlinker", "-target", "--param", "-Xarch_x86_64",
                                      "-z",       "-T",      "-e"};
    static const char *const none[] = {"-c",   "-S",         "-E",  "-ofile", "-Idir",
                                       "-O2",  "-g",         "-",   "file.c", "-Wl,-o",
                                       "-pie", "--target=x", "-MD", "--",     ""};

    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        CHECK_EQ(option_arguments(OPTIONS_COMPILER, one[i]), 1);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK_EQ(option_arguments(OPTIONS_COMPILER, none[i]), 0);
    CHECK_EQ(option_arguments(OPTIONS_COMPILER, "-segaddr"), 2);
    CHECK_EQ(option_arguments(OPTIONS_COMPILER, "-sectcreate"), 3);
}

TEST(arguments_of_linker_options) {
    static const char *const one[] = {
        "-o",       "-L",      "-l",       "-z",       "-T",     "-m",   "-e",      "-u",
        "--defsym", "-soname", "--soname", "--script", "-rpath", "-Map", "--output"};
    static const char *const none[] = {"-r",  "-s",  "-static", "--gc-sections",
                                       "-E",  "-v",  "-",       "--soname=x",
                                       "-lc", "a.o", "--",      ""};

    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        CHECK_EQ(option_arguments(OPTIONS_LINKER, one[i]), 1);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK_EQ(option_arguments(OPTIONS_LINKER, none[i]), 0);
}

TEST(a_line_ends_in_the_middle_of_an_option) {
    struct argv line = line_of("a.c -o");
    struct option option;
    size_t i = 0;

    CHECK(option_next(OPTIONS_COMPILER, &line, &i, &option));
    CHECK(option_next(OPTIONS_COMPILER, &line, &i, &option));
    CHECK_TEXT(option.word, "-o");
    CHECK_TEXT(option.value, NULL);
    CHECK_EQ(option.count, 1);
    CHECK(!option_next(OPTIONS_COMPILER, &line, &i, &option));
    argv_free(&line);
}

TEST(values_joined_and_separate) {
    struct argv line = line_of("-o one -otwo --target=t -o");
    const char *const wanted[] = {"one", "two", NULL, NULL};
    struct option option;
    size_t n = 0;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, &line, &i, &option); n++)
        CHECK_TEXT(option_value(&option, "-o"), wanted[n]);
    CHECK_EQ(n, 4);
    argv_free(&line);
}

TEST(compiler_drops_what_every_image_is_or_cannot_be) {
    compiler("-pie a.c -rdynamic", "a.c");
    compiler("-static-pie -dynamic -static a.c", "-static a.c");
    compiler("-fPIC -fPIE -fpie a.c", "-fPIC -fPIE -fpie a.c");
    compiler("-rtlib=compiler-rt --rtlib compiler-rt --rtlib=x a.c", "a.c");
    compiler("-unwindlib=libunwind a.c", "a.c");
}

TEST(compiler_refuses_what_cannot_be) {
    compiler("-shared a.c", NULL);
    compiler("--shared a.c", NULL);
    compiler("-m32 a.c", NULL);
    compiler("-mx32 a.c", NULL);
    compiler("--target=x86_64-linux-gnu a.c", NULL);
    compiler("-target x86_64-linux-gnu a.c", NULL);
    compiler("--ld-path=/usr/bin/ld a.c", NULL);
    compiler("a.c --coverage", NULL);
    compiler("-fprofile-generate=dir a.c", NULL);
}

TEST(compiler_keeps_its_own_target) {
    compiler("--target=x86_64-atman-linux-musl a.c",
             "--target=x86_64-atman-linux-musl a.c");
    compiler("-target x86_64-atman-linux-musl a.c", "-target x86_64-atman-linux-musl a.c");
    compiler("-m64 a.c", "-m64 a.c");
}

TEST(our_own_options_are_for_the_linker) {
    compiler("a.c --atman-files=d:/x", "a.c --start-no-unused-arguments "
                                       "-Wl,--atman-files=d:/x --end-no-unused-arguments");
    compiler("a.c --atman-files=a,b",
             "a.c --start-no-unused-arguments -Xlinker --atman-files=a,b "
             "--end-no-unused-arguments");
    compiler("a.c -fatman-debug", "a.c --start-no-unused-arguments -Wl,--atman-debug "
                                  "--end-no-unused-arguments");
    compiler("-fno-atman-trace a.c", "--start-no-unused-arguments -Wl,--no-atman-trace "
                                     "--end-no-unused-arguments a.c");
    compiler("-o -fatman-debug", "-o -fatman-debug");
    compiler("-fatman-debug -o x", "-o x");
    compiler("-v", "-v");
    compiler("-v -lm", "--start-no-unused-arguments -Wl,--atman-verbose "
                       "--end-no-unused-arguments -v -lm");
    linker("--atman-debug a.o --no-atman-debug --atman-trace", "a.o");
}

TEST(an_argument_is_not_an_option) {
    compiler("-o -pie a.c", "-o -pie a.c");
    compiler("-D -shared -I -m32 a.c", "-D -shared -I -m32 a.c");
    compiler("-Xlinker -pie -pie a.c", "-Xlinker -pie a.c");
    compiler("-o a.c -shared", NULL);
    compiler("-c a.c -- -shared -o -pie", "-c a.c -- -shared -o -pie");
    compiler("-o -- -pie", "-o --");
    linker("-o -shared a.o -pie", "-o -shared a.o");
}

TEST(sanitizers_trap_or_are_refused) {
    compiler("-fsanitize=address a.c", NULL);
    compiler("-fsanitize=undefined,thread -fsanitize-trap=all a.c", NULL);
    compiler("-fsanitize=undefined a.c", NULL);
    compiler("-fsanitize=bounds -fsanitize-recover=all a.c", NULL);
    compiler("-fsanitize=undefined -fsanitize-trap a.c",
             "-fsanitize=undefined -fsanitize-trap a.c");
    compiler("-fsanitize=undefined -fsanitize-minimal-runtime",
             "-fsanitize=undefined -fsanitize-minimal-runtime");
    compiler("-fsanitize=cfi a.c", "-fsanitize=cfi a.c");
    compiler("-fno-sanitize=address a.c", "-fno-sanitize=address a.c");
}

TEST(linker_table) {
    linker("-pie --pic-executable -E --export-dynamic a.o", "a.o");
    linker("-Bstatic -lx -Bdynamic -ly", "-Bstatic -lx -ly");
    linker("-dynamic-linker /lib/ld.so --dynamic-linker=/lib/ld.so a.o", "a.o");
    linker("--build-id a.o --build-id=sha1", "a.o --build-id=sha1");
    linker("a.o -shared", NULL);
    linker("a.o -Bshareable", NULL);
    linker("--as-needed -soname x -z relro --eh-frame-hdr -m elf_x86_64 a.o",
           "--as-needed -soname x -z relro --eh-frame-hdr -m elf_x86_64 a.o");
}
