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

enum compile_request compile_read(char *const *user, struct argv *words) {
    static const enum compile_request requests[] = {
        [OPTIONS_NOTHING] = COMPILE_RUN,
        [OPTIONS_HELP] = COMPILE_HELP,
        [OPTIONS_VERSION] = COMPILE_VERSION,
        [OPTIONS_SYSROOT] = COMPILE_SYSROOT,
    };
    enum compile_request request;
    struct argv line = ARGV_EMPTY;

    if (argfile_expand(user, &line) < 0) {
        argv_free(&line);
        return COMPILE_REFUSED;
    }
    request = requests[options_question(&line)];
    if (request == COMPILE_RUN && !options_filter(OPTIONS_COMPILER, &line, words))
        request = COMPILE_REFUSED;
    argv_free(&line);
    return request;
}

/* Is this input assembly, by -x or by its name? */
static bool is_assembly(const char *language, const char *input) {
    const char *end = strrchr(input, '.');

    if (language && strcmp(language, "none") != 0)
        return strncmp(language, "assembler", 9) == 0;
    return end &&
           (strcmp(end, ".s") == 0 || strcmp(end, ".S") == 0 || strcmp(end, ".sx") == 0);
}

/* Will the compiler see this input, or only the linker? */
static bool is_source(const char *language, const char *input) {
    const char *end = strrchr(input, '.');

    if (language && strcmp(language, "none") != 0)
        return true;
    return end && strcmp(end, ".o") != 0 && strcmp(end, ".a") != 0 &&
           strcmp(end, ".lo") != 0;
}

/* What is to be translated: these can be both. */
struct sources {
    bool assembly, others;
};

/* One option or input; language is what the last -x said. */
static struct sources source_kind(const char **language, const struct option *option) {
    const char *value = option_value(option, "-x");
    struct sources none = {false, false};

    if (value) {
        *language = value;
        return none;
    }
    if (option->input ? strcmp(option->word, "--") == 0
                      : option->word[0] == '-' && option->word[1] != '\0')
        return none;
    if (is_assembly(*language, option->word))
        return (struct sources){.assembly = true};
    return (struct sources){.others = is_source(*language, option->word)};
}

static struct sources find_sources(const struct argv *words) {
    struct sources all = {false, false};
    const char *language = NULL;
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, words, &i, &option);) {
        struct sources one = source_kind(&language, &option);

        all.assembly |= one.assembly;
        all.others |= one.others;
    }
    return all;
}

/* -c, and no name for the one object, of which there will be several. */
static bool makes_objects(const struct argv *words) {
    struct option option;
    bool found = false;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, words, &i, &option);)
        found |= !option.input &&
                 (strcmp(option.word, "-c") == 0 || strcmp(option.word, "--compile") == 0);
    return found && !compile_output(words);
}

bool compile_split(const struct argv *words, struct argv *others, struct argv *assembly) {
    struct sources all = find_sources(words);
    const char *language = NULL;
    struct option option;

    if (!all.assembly || !all.others || !makes_objects(words))
        return false;
    argv_push(assembly, "-Qunused-arguments"); /* most are for C */
    for (size_t i = 0; option_next(OPTIONS_COMPILER, words, &i, &option);) {
        struct sources one = source_kind(&language, &option);

        for (size_t k = 0; k < option.count; k++) {
            if (!one.assembly)
                argv_push(others, words->words[option.first + k]);
            if (!one.others)
                argv_push(assembly, words->words[option.first + k]);
        }
    }
    return true;
}

/* By these an object is known as a guest's (foreign.h). */
static void push_mark(struct argv *command, const char *root, const struct argv *words) {
    struct sources sources;

    argv_push(command, "-Qn");
    argv_push(command, "-Xclang");
    argv_push(command, "-mlink-bitcode-file");
    argv_push(command, "-Xclang");
    argv_pushf(command, "%s/lib/atman/mark.bc", root);
    /* Beside C, clang takes options for its assembler for a mistake. */
    sources = find_sources(words);
    if (sources.assembly && !sources.others)
        argv_push(command, "-Wa,--defsym,atman_object=1");
}

static bool any_begins(const struct argv *words, const char *prefix) {
    for (size_t i = 0; i < words->count; i++)
        if (strncmp(words->words[i], prefix, strlen(prefix)) == 0)
            return true;
    return false;
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
    if (!any_begins(words, "-fembed-bitcode")) { /* clang refuses them together */
        argv_push(command, "-ffunction-sections");
        argv_push(command, "-fdata-sections");
    }
    push_mark(command, root, words);
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
