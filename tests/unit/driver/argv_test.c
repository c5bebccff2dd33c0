/* SPDX-License-Identifier: MIT */
/*
 * The list of words: it must own copies, and always end in NULL.
 */
#include "argv.h"
#include "test.h"

TEST(empty_list) {
    struct argv list = ARGV_EMPTY;

    CHECK_EQ(list.count, 0);
    CHECK(!argv_has(&list, ""));
    argv_push_all(&list, NULL);
    CHECK_EQ(list.count, 0);
    argv_free(&list);
}

TEST(words_are_copies) {
    struct argv list = ARGV_EMPTY;
    char word[] = "before";

    argv_push(&list, word);
    word[0] = 'X';
    CHECK_TEXT(list.words[0], "before");
    argv_free(&list);
}

TEST(ends_in_null_while_it_grows) {
    struct argv list = ARGV_EMPTY;

    for (int i = 0; i < 1000; i++) {
        argv_pushf(&list, "word %d", i);
        CHECK(list.words[list.count] == NULL);
    }
    CHECK_EQ(list.count, 1000);
    CHECK_TEXT(list.words[0], "word 0");
    CHECK_TEXT(list.words[999], "word 999");
    argv_free(&list);
    CHECK_EQ(list.count, 0);
    argv_push(&list, "again");
    CHECK_TEXT(list.words[0], "again");
    argv_free(&list);
}

TEST(joins_and_finds) {
    struct argv one = ARGV_EMPTY, two = ARGV_EMPTY;

    argv_push(&one, "a");
    argv_push(&two, "b");
    argv_push(&two, "");
    argv_push_all(&one, two.words);
    CHECK_EQ(one.count, 3);
    CHECK(argv_has(&one, "a") && argv_has(&one, "b") && argv_has(&one, ""));
    CHECK(!argv_has(&one, "ab"));
    argv_free(&one);
    argv_free(&two);
}

TEST(bytes_count_words_and_pointers) {
    struct argv list = ARGV_EMPTY;

    CHECK_EQ(argv_bytes(&list), sizeof(char *));
    argv_push(&list, "four");
    CHECK_EQ(argv_bytes(&list), 2 * sizeof(char *) + 5);
    argv_free(&list);
}
