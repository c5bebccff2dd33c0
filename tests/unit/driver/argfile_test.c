/* SPDX-License-Identifier: MIT */
/*
 * Response files: quoting as GNU's tools and LLVM's have it, nesting, cycles, and commands
 * that are too long for execve().
 */
#include "argfile.h"
#include "memory.h"
#include "message.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The words of text, joined by '|', to compare in one go. The caller frees it. */
static char *joined(const struct argv *list) {
    char *text = must_copy("");

    for (size_t i = 0; i < list->count; i++) {
        char *longer = must_format("%s%s%s", text, i ? "|" : "", list->words[i]);

        free(text);
        text = longer;
    }
    return text;
}

static void check_split(const char *text, const char *wanted) {
    struct argv list = ARGV_EMPTY;
    char *is;

    argfile_split(text, strlen(text), &list);
    is = joined(&list);
    CHECK_TEXT(is, wanted);
    free(is);
    argv_free(&list);
}

TEST(quoting) {
    check_split("", "");
    check_split(" \t\r\n", "");
    check_split("a b\nc\td", "a|b|c|d");
    check_split("'a b' \"c d\"", "a b|c d");
    check_split("a'b c'd", "ab cd");
    check_split("a\\ b", "a b");
    check_split("'it''s'", "its");
    check_split("\"say \\\"hi\\\"\"", "say \"hi\"");
    check_split("'back\\'slash'", "back'slash");
    check_split("-DX=\\\"s\\\"", "-DX=\"s\"");
    check_split("a \"\" b", "a||b");
    check_split("'unclosed word", "unclosed word");
    check_split("end\\", "end\\");
    check_split("\xef\xbb\xbf"
                "a",
                "a");
}

TEST(stops_at_nul_and_at_length) {
    struct argv list = ARGV_EMPTY;

    argfile_split("ab cd\0ef", 8, &list);
    argfile_split("gh ij", 4, &list);
    CHECK_EQ(list.count, 4);
    CHECK_TEXT(list.words[1], "cd");
    CHECK_TEXT(list.words[3], "i");
    argv_free(&list);
}

/* A file with this text; the caller frees the name and unlinks the file. */
static char *file_with(const char *text) {
    char *name = must_copy("/tmp/atman-argfile-XXXXXX");
    int fd = mkstemp(name);

    CHECK(fd >= 0);
    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return name;
}

static void drop_file(char *name) {
    unlink(name);
    free(name);
}

TEST(expands_in_place_and_nested) {
    char *inner = file_with("x 'y z'");
    char *middle = must_format("b @%s c", inner);
    char *outer = file_with(middle);
    char *at = must_format("@%s", outer);
    struct argv list = ARGV_EMPTY;
    char *is;

    CHECK_EQ(argfile_expand((char *[]){"a", at, "d", NULL}, &list), 0);
    is = joined(&list);
    CHECK_TEXT(is, "a|b|x|y z|c|d");
    free(is);
    /* The same file twice is no cycle. */
    argv_free(&list);
    CHECK_EQ(argfile_expand((char *[]){at, at, NULL}, &list), 0);
    CHECK_EQ(list.count, 8);
    argv_free(&list);
    free(at);
    free(middle);
    drop_file(outer);
    drop_file(inner);
}

TEST(a_file_that_is_not_there_stays_a_word) {
    struct argv list = ARGV_EMPTY;

    CHECK_EQ(argfile_expand((char *[]){"@/nonexistent/file", "@", NULL}, &list), 0);
    CHECK_EQ(list.count, 2);
    CHECK_TEXT(list.words[0], "@/nonexistent/file");
    argv_free(&list);
}

TEST(a_cycle_is_refused) {
    char *name = file_with("");
    char *at = must_format("@%s", name);
    FILE *file = fopen(name, "w");
    struct argv list = ARGV_EMPTY;

    fprintf(file, "a @%s", name);
    fclose(file);
    CHECK_EQ(argfile_expand((char *[]){at, NULL}, &list), -ELOOP);
    argv_free(&list);
    free(at);
    drop_file(name);
}

TEST(a_folder_cannot_be_read) {
    struct argv list = ARGV_EMPTY;

    CHECK_EQ(argfile_expand((char *[]){"@/tmp", NULL}, &list), -EISDIR);
    argv_free(&list);
}

TEST(short_commands_are_left_alone) {
    struct argv command = ARGV_EMPTY;

    argv_push(&command, "/bin/true");
    argv_push(&command, "word");
    CHECK_EQ(argfile_pack(&command), 0);
    CHECK_EQ(command.count, 2);
    argv_free(&command);
}

TEST(long_commands_come_back_as_they_were) {
    static const char *const words[] = {"plain",       "with space", "quo\"te", "a'b",
                                        "back\\slash", "new\nline",  "\xc3\xa4"};
    struct argv command = ARGV_EMPTY, again = ARGV_EMPTY, before = ARGV_EMPTY;

    argv_push(&command, "/bin/true");
    for (int i = 0; i < 20000; i++)
        argv_push(&command, words[i % 7]);
    argv_push_all(&before, command.words);
    CHECK_EQ(argfile_pack(&command), 0);
    CHECK_EQ(command.count, 2);
    CHECK(argv_bytes(&command) < 4096);
    CHECK_EQ(argfile_expand(command.words, &again), 0);
    CHECK_EQ(again.count, before.count);
    for (size_t i = 0; i < again.count && i < before.count; i++)
        if (strcmp(again.words[i], before.words[i]) != 0)
            CHECK_TEXT(again.words[i], before.words[i]);
    argv_free(&command);
    argv_free(&again);
    argv_free(&before);
}
