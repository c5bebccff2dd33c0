/* SPDX-License-Identifier: MIT */
/*
 * The compile plan: see compile.h. Our flags stand before the user's: a trailing `-o`
 * without its value would swallow one that came after, and the user's own -O, -f, -m win.
 */
#include "compile.h"

#include "argfile.h"
#include "install.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

/* What is said for these is Atman's to say, wherever on the line they stand. */
static enum compile_request request_of(const struct option *option) {
    static const struct {
        const char *word;
        enum compile_request request;
    } requests[] = {
        {"--help", COMPILE_HELP},
        {"-help", COMPILE_HELP},
        {"--version", COMPILE_VERSION},
        {"-print-sysroot", COMPILE_SYSROOT},
        {"--print-sysroot", COMPILE_SYSROOT},
    };

    for (size_t i = 0; !option->input && i < sizeof requests / sizeof *requests; i++)
        if (strcmp(option->word, requests[i].word) == 0)
            return requests[i].request;
    return COMPILE_RUN;
}

enum compile_request compile_read(char *const *user, struct argv *words) {
    enum compile_request request = COMPILE_RUN;
    struct argv line = ARGV_EMPTY;
    struct option option;

    if (argfile_expand(user, &line) < 0) {
        argv_free(&line);
        return COMPILE_REFUSED;
    }
    for (size_t i = 0; option_next(OPTIONS_COMPILER, &line, &i, &option);)
        if (request == COMPILE_RUN)
            request = request_of(&option);
    /* `--version` answers whatever else is asked: a failure here would make build systems
     * fall back to the host's compiler without a word. */
    if (request == COMPILE_RUN && !options_filter(OPTIONS_COMPILER, &line, words))
        request = COMPILE_REFUSED;
    argv_free(&line);
    return request;
}

void compile_plan(const char *clang, const char *root, const struct argv *words,
                  struct argv *command) {
    argv_push(command, clang);
    /* The host's configuration files would be the host's flags. */
    argv_push(command, "--no-default-config");
    argv_push(command, "--start-no-unused-arguments");
    /* On a full disk clang fails as in a crash; it shall not fill the next one. */
    argv_push(command, "-fno-crash-diagnostics");
    argv_push(command, "--target=" ATMAN_TRIPLE);
    argv_pushf(command, "--sysroot=%s/sysroot", root);
    argv_pushf(command, "--gcc-toolchain=%s/sysroot/usr", root);
    argv_pushf(command, "-B%s/libexec/atman", root);
    argv_pushf(command, "--ld-path=%s/libexec/atman/ld.atman", root);
    argv_push(command, "-static");
    argv_push(command, "-no-pie");
    argv_push(command, "-fno-pie");
    argv_push(command, "-rtlib=libgcc");
    argv_push(command, "-unwindlib=libgcc");
    argv_push(command, "-D__atman__=1");
    /* A crash report walks frame pointers. */
    argv_push(command, "-fno-omit-frame-pointer");
    argv_push(command, "-mno-omit-leaf-frame-pointer");
    /* An image keeps only what it uses. */
    argv_push(command, "-ffunction-sections");
    argv_push(command, "-fdata-sections");
    argv_push(command, "--end-no-unused-arguments");
    argv_push_all(command, words->words);
}

void compile_clean_environment(void) {
    /* clang takes x86_64 on x86_64 for a native build and reads all of these. */
    static const char *const leaks[] = {
        "LIBRARY_PATH",         "CPATH",
        "C_INCLUDE_PATH",       "CPLUS_INCLUDE_PATH",
        "OBJC_INCLUDE_PATH",    "OBJCPLUS_INCLUDE_PATH",
        "COMPILER_PATH",        "GCC_EXEC_PREFIX",
        "CCC_OVERRIDE_OPTIONS", "CCC_ADD_ARGS",
    };

    for (size_t i = 0; i < sizeof leaks / sizeof *leaks; i++)
        unsetenv(leaks[i]);
}

const char *compile_output(const struct argv *words) {
    const char *output = NULL;
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, words, &i, &option);) {
        const char *value = option_value(&option, "--output=");

        if (!value && strcmp(option.word, "--output") == 0)
            value = option.value;
        /* -object… are options of their own. */
        if (!value && strncmp(option.word, "-obj", 4) != 0)
            value = option_value(&option, "-o");
        if (value)
            output = value;
    }
    return output;
}

bool compile_links(const struct argv *words) {
    static const char *const stops[] = {"-c",         "-S",           "-E",
                                        "-M",         "-MM",          "-fsyntax-only",
                                        "--analyze",  "--precompile", "--compile",
                                        "--assemble", "--preprocess"};
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, words, &i, &option);)
        for (size_t k = 0; !option.input && k < sizeof stops / sizeof *stops; k++)
            if (strcmp(option.word, stops[k]) == 0)
                return false;
    return true;
}
