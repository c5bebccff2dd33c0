/* SPDX-License-Identifier: MIT */
/*
 * The link plan: what is read from a flat link line, and what lld gets.
 */
#include "link.h"
#include "test.h"

static struct link_plan plan_of(char *const *user) {
    struct link_plan plan;

    CHECK(link_read(user, &plan));
    return plan;
}

TEST(output_in_every_spelling) {
    static char *const lines[][4] = {{"-o", "k", "a.o", NULL},
                                     {"-ok", "a.o", NULL},
                                     {"--output", "k", "a.o", NULL},
                                     {"--output=k", "a.o", NULL}};
    struct link_plan plan;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        plan = plan_of(lines[i]);
        CHECK_TEXT(plan.output, "k");
        link_plan_free(&plan);
    }
    plan = plan_of((char *[]){"a.o", NULL});
    CHECK_TEXT(plan.output, "a.out");
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-o", "a", "-o", "b", NULL});
    CHECK_TEXT(plan.output, "b");
    link_plan_free(&plan);
    plan = plan_of((char *[]){"a.o", "-o", NULL});
    CHECK_TEXT(plan.output, "a.out");
    link_plan_free(&plan);
}

TEST(what_is_linked) {
    struct link_plan plan = plan_of((char *[]){"a.o", NULL});

    CHECK(plan.links && plan.image && !plan.own_script);
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-lc", NULL});
    CHECK(plan.links && plan.image);
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-r", "a.o", NULL});
    CHECK(plan.links && !plan.image);
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-v", "-o", "k", NULL});
    CHECK(!plan.links && !plan.image);
    link_plan_free(&plan);
}

TEST(scripts) {
    static char *const with[][4] = {{"-T", "x.ld", "a.o", NULL},
                                    {"-Tx.ld", "a.o", NULL},
                                    {"--script=x.ld", "a.o", NULL},
                                    {"--script", "x.ld", "a.o", NULL}};
    static char *const without[][4] = {{"-Ttext=0x1000", "a.o", NULL},
                                       {"-Ttext", "0x1000", "a.o", NULL},
                                       {"--trace", "a.o", NULL},
                                       {"-o", "-T", "a.o", NULL}};
    struct link_plan plan;

    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        plan = plan_of(with[i]);
        CHECK(plan.own_script);
        link_plan_free(&plan);
    }
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        plan = plan_of(without[i]);
        CHECK(!plan.own_script);
        link_plan_free(&plan);
    }
}

TEST(stack_size) {
    struct link_plan plan = plan_of((char *[]){"-z", "stack-size=0x10000", "a.o", NULL});

    CHECK_EQ(plan.stack_size, 65536);
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-zstack-size=4096", "a.o", "-z", "now", NULL});
    CHECK_EQ(plan.stack_size, 4096);
    link_plan_free(&plan);
    plan = plan_of((char *[]){"-z", "a.o", NULL});
    CHECK_EQ(plan.stack_size, 0);
    link_plan_free(&plan);
}

TEST(refused) {
    struct link_plan plan;

    CHECK(!link_read((char *[]){"-shared", "a.o", NULL}, &plan));
    link_plan_free(&plan);
}

static struct argv command_of(char *const *user) {
    struct link_plan plan = plan_of(user);
    struct argv command = ARGV_EMPTY;

    link_command(&plan, "/llvm/ld.lld", "/my tools", &command);
    link_plan_free(&plan);
    return command;
}

TEST(an_image_gets_script_and_runtime_before_the_users_words) {
    struct argv command = command_of((char *[]){"a.o", "-o", "k", NULL});

    CHECK_TEXT(command.words[0], "/llvm/ld.lld");
    CHECK(argv_has(&command, "/my tools/lib/atman/atman.ld"));
    CHECK(argv_has(&command, "--gc-sections"));
    CHECK_TEXT(command.words[command.count - 7], "/my tools/sysroot/usr/lib/atman.o");
    CHECK_TEXT(command.words[command.count - 6],
               "/my tools/sysroot/usr/lib/libatman-dispatch.a");
    CHECK_TEXT(command.words[command.count - 5],
               "/my tools/sysroot/usr/lib/libatman-ubsan.a");
    CHECK_TEXT(command.words[command.count - 2], "k");
    CHECK_TEXT(command.words[command.count - 1], "-L/my tools/sysroot/usr/lib");
    argv_free(&command);
    command = command_of((char *[]){"a.o", "-o", NULL});
    CHECK_TEXT(command.words[command.count - 1], "-o");
    argv_free(&command);
}

TEST(own_script_relocatable_and_version) {
    struct argv command = command_of((char *[]){"a.o", "-T", "x", NULL});

    CHECK(!argv_has(&command, "/my tools/lib/atman/atman.ld"));
    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    argv_free(&command);
    command = command_of((char *[]){"-r", "a.o", NULL});
    CHECK(!argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    CHECK(!argv_has(&command, "--gc-sections"));
    argv_free(&command);
    command = command_of((char *[]){"--version", NULL});
    CHECK(!argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    argv_free(&command);
}

TEST(dispatcher) {
    struct link_plan plan = plan_of((char *[]){"--atman-verbose", "a.o", NULL});
    struct argv command = ARGV_EMPTY;

    CHECK(plan.verbose && !plan.dispatcher);
    link_command(&plan, "/llvm/ld.lld", "/my tools", &command);
    CHECK(!argv_has(&command, "atman_syscall"));
    CHECK(!argv_has(&command, "--atman-verbose"));
    plan.dispatcher = true;
    link_command(&plan, "/llvm/ld.lld", "/my tools", &command);
    CHECK(argv_has(&command, "atman_syscall"));
    argv_free(&command);
    link_plan_free(&plan);
}

TEST(which_runtime) {
    struct argv command = command_of((char *[]){"--atman-debug", "a.o", NULL});

    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman-debug.o"));
    CHECK(!argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    CHECK(!argv_has(&command, "--atman-debug"));
    argv_free(&command);
    command = command_of((char *[]){"--atman-debug", "--no-atman-debug", "a.o", NULL});
    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    CHECK(!argv_has(&command, "--no-atman-debug"));
    argv_free(&command);
    command = command_of((char *[]){"--atman-trace", "a.o", NULL});
    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman-trace.o"));
    argv_free(&command);
    command = command_of((char *[]){"--atman-trace", "--atman-debug", "a.o", NULL});
    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman-debug-trace.o"));
    argv_free(&command);
    command = command_of((char *[]){"-o", "--atman-debug", "a.o", NULL});
    CHECK(argv_has(&command, "/my tools/sysroot/usr/lib/atman.o"));
    argv_free(&command);
}

TEST(files) {
    struct link_plan plan =
        plan_of((char *[]){"--atman-files=a", "--atman-files=b:/c", "a.o", NULL});
    struct argv command = ARGV_EMPTY;

    CHECK_EQ(plan.files.count, 2);
    CHECK_TEXT(plan.files.words[0], "a");
    CHECK_TEXT(plan.files.words[1], "b:/c");
    CHECK_EQ(plan.words.count, 1);
    link_command(&plan, "lld", "/root", &command);
    CHECK(!argv_has(&command, "/proc/self/fd/7"));
    plan.files_object = 7;
    link_command(&plan, "lld", "/root", &command);
    CHECK(argv_has(&command, "/proc/self/fd/7"));
    argv_free(&command);
    link_plan_free(&plan);
}
