/* SPDX-License-Identifier: MIT */
/*
 * The options that a guest treats otherwise than a Linux program, in one table: those that
 * the compiler is asked (CC) and those that the linker is asked (LD: -Wl, -Xlinker, or
 * called directly). Dropped are options that ask for something which every image has or
 * none can use, so that ordinary build systems work; refused are those that could only be
 * honoured by a broken result, so that configure's probes hear "no"; answered are questions
 * about the compiler itself. Options of our own become words for ld.atman (link.c). All
 * others reach clang and lld as they are.
 */
#include "install.h"
#include "message.h"
#include "options.h"

#include <string.h>

enum action { DROP, REFUSE, ANSWER, KEEP, FOR_LINK, BOTH /* KEEP and FOR_LINK */ };

enum match {
    IS,        /* the word is the spelling */
    BEGINS,    /* the word begins with the spelling */
    HAS,       /* the word has the spelling in it; the only one that sees inputs, too */
    VALUE_NOT, /* the spelling's value, joined or separate, is not the operand */
    LISTS      /* the spelling's value, a list with commas, has the operand in it */
};

enum { CC = OPTIONS_COMPILER, LD = OPTIONS_LINKER };

struct rule {
    enum option_language language;
    enum action action;
    enum match match;
    const char *spelling;
    const char *operand; /* of VALUE_NOT and LISTS; of FOR_LINK, BOTH: ld.atman's word,
                            0: the option itself */
    const char *reason;  /* of REFUSE: reason; what to do */
    const char *unless;  /* the rule is off if some word begins with one of this list */
    enum options_question question; /* of ANSWER */
};

#define ONE_IMAGE "a guest is one static image; leave it out"
#define ONLY_64_BIT "guests are 64-bit x86 (" ATMAN_TRIPLE "); leave it out"
#define NO_RUNTIME "there is no runtime library for it in a guest yet; leave it out"
#define TRAP_ONLY                                                                          \
    "the whole runtime library for it is not in a guest yet; add "                         \
    "-fsanitize-minimal-runtime, or -fsanitize-trap=all, with which a failed check ends "  \
    "the guest with a report"
#define TRAPPING                                                                           \
    "-fsanitize-trap,-fsanitize-minimal-runtime,-fsanitize-undefined-trap-on-error"
#define GNU_QUOTING "response files have GNU quoting; leave it out"
#define NOT_HERE                                                                           \
    "this processor need not be the one that guests run on; name one (-march=x86-64-v2)"
#define ONLY_C "atman-cc is a C compiler, and C++ is not there yet; leave it out"

/* The first rule that matches decides. */
static const struct rule table[] = {
    /* Answered here; --version even beside what is refused, since build systems would else
     * take the host's compiler without a word. */
    {CC, ANSWER, IS, "--help", 0, 0, 0, OPTIONS_HELP},
    {CC, ANSWER, IS, "-help", 0, 0, 0, OPTIONS_HELP},
    {CC, ANSWER, IS, "--version", 0, 0, 0, OPTIONS_VERSION},
    {CC, ANSWER, IS, "-print-sysroot", 0, 0, 0, OPTIONS_SYSROOT},
    {CC, ANSWER, IS, "--print-sysroot", 0, 0, 0, OPTIONS_SYSROOT},

    /* Which of the runtimes is linked, and what else ld.atman is to do. */
    {CC, FOR_LINK, IS, "-fatman-debug", "--atman-debug", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fno-atman-debug", "--no-atman-debug", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fatman-trace", "--atman-trace", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fno-atman-trace", "--no-atman-trace", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fatman-foreign", "--atman-foreign", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fno-atman-foreign", "--no-atman-foreign", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fatman-process", "--atman-process", 0, 0, 0},
    {CC, FOR_LINK, IS, "-fno-atman-process", "--no-atman-process", 0, 0, 0},
    {CC, FOR_LINK, BEGINS, "--atman-files=", 0, 0, 0, 0},
    {CC, BOTH, IS, "-v", "--atman-verbose", 0, 0, 0},
    {LD, DROP, IS, "--atman-verbose", 0, 0, 0, 0},
    {LD, DROP, IS, "--atman-debug", 0, 0, 0, 0},
    {LD, DROP, IS, "--no-atman-debug", 0, 0, 0, 0},
    {LD, DROP, IS, "--atman-trace", 0, 0, 0, 0},
    {LD, DROP, IS, "--no-atman-trace", 0, 0, 0, 0},
    {LD, DROP, IS, "--atman-foreign", 0, 0, 0, 0},
    {LD, DROP, IS, "--no-atman-foreign", 0, 0, 0, 0},
    {LD, DROP, IS, "--atman-process", 0, 0, 0, 0},
    {LD, DROP, IS, "--no-atman-process", 0, 0, 0, 0},
    {LD, DROP, BEGINS, "--atman-files=", 0, 0, 0, 0},

    /* Images are linked to a fixed address, without a loader. */
    {CC, DROP, IS, "-pie", 0, 0, 0, 0},
    {CC, DROP, IS, "-static-pie", 0, 0, 0, 0},
    {CC, DROP, IS, "-rdynamic", 0, 0, 0, 0},
    {CC, DROP, IS, "-dynamic", 0, 0, 0, 0},
    {CC, DROP, IS, "-shared-libgcc", 0, 0, 0, 0},
    {CC, REFUSE, IS, "-shared", 0, ONE_IMAGE, 0, 0},
    {CC, REFUSE, IS, "--shared", 0, ONE_IMAGE, 0, 0},
    {LD, DROP, IS, "-pie", 0, 0, 0, 0},
    {LD, DROP, IS, "--pie", 0, 0, 0, 0},
    {LD, DROP, IS, "-pic-executable", 0, 0, 0, 0},
    {LD, DROP, IS, "--pic-executable", 0, 0, 0, 0},
    {LD, DROP, IS, "-E", 0, 0, 0, 0},
    {LD, DROP, IS, "-export-dynamic", 0, 0, 0, 0},
    {LD, DROP, IS, "--export-dynamic", 0, 0, 0, 0},
    {LD, DROP, BEGINS, "-dynamic-linker", 0, 0, 0, 0},
    {LD, DROP, BEGINS, "--dynamic-linker", 0, 0, 0, 0},
    /* -Bstatic -lx -Bdynamic -ly: the second library is found as an archive, too. */
    {LD, DROP, IS, "-Bdynamic", 0, 0, 0, 0},
    {LD, DROP, IS, "--Bdynamic", 0, 0, 0, 0},
    {LD, DROP, IS, "-dy", 0, 0, 0, 0},
    {LD, DROP, IS, "-call_shared", 0, 0, 0, 0},
    {LD, REFUSE, IS, "-shared", 0, ONE_IMAGE, 0, 0},
    {LD, REFUSE, IS, "--shared", 0, ONE_IMAGE, 0, 0},
    {LD, REFUSE, IS, "-Bshareable", 0, ONE_IMAGE, 0, 0},
    {LD, REFUSE, IS, "--Bshareable", 0, ONE_IMAGE, 0, 0},
    /* Debian's clang always says this; who wants one says which (--build-id=sha1). */
    {LD, DROP, IS, "--build-id", 0, 0, 0, 0},

    /* The compiler's own runtime library is not made for guests; the sysroot's libgcc.a is
     * the same code that is. */
    {CC, DROP, BEGINS, "-rtlib=", 0, 0, 0, 0},
    {CC, DROP, BEGINS, "--rtlib", 0, 0, 0, 0},
    {CC, DROP, BEGINS, "-unwindlib=", 0, 0, 0, 0},
    {CC, DROP, BEGINS, "--unwindlib=", 0, 0, 0, 0},

    /* In an object's .comment only the mark of our own says who compiled it (foreign.c). */
    {CC, DROP, IS, "-fident", 0, 0, 0, 0},
    {CC, DROP, IS, "-Qy", 0, 0, 0, 0},

    /* One language, one target, one linker. */
    {CC, REFUSE, VALUE_NOT, "--driver-mode=", "gcc", ONLY_C, "--driver-mode=cpp", 0},
    {CC, REFUSE, IS, "-m32", 0, ONLY_64_BIT, 0, 0},
    {CC, REFUSE, IS, "-m16", 0, ONLY_64_BIT, 0, 0},
    {CC, REFUSE, IS, "-mx32", 0, ONLY_64_BIT, 0, 0},
    {CC, REFUSE, VALUE_NOT, "--target=", ATMAN_TRIPLE, ONLY_64_BIT, 0, 0},
    {CC, REFUSE, VALUE_NOT, "-target", ATMAN_TRIPLE, ONLY_64_BIT, 0, 0},
    {CC, REFUSE, IS, "-march=native", 0, NOT_HERE, 0, 0},
    {CC, REFUSE, BEGINS, "--ld-path", 0, "images are linked by ld.atman; leave it out", 0,
     0},
    {CC, REFUSE, BEGINS, "--rsp-quoting=windows", 0, GNU_QUOTING, 0, 0},
    {LD, REFUSE, BEGINS, "--rsp-quoting=windows", 0, GNU_QUOTING, 0, 0},

    /* What instruments a program needs a runtime in the guest, or must trap. */
    {CC, REFUSE, LISTS, "-fsanitize=", "address", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "kernel-address", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "hwaddress", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "leak", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "memory", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "kernel-memory", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "thread", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "dataflow", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "fuzzer", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "fuzzer-no-link", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "numerical", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "realtime", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "safe-stack", NO_RUNTIME, 0, 0},
    {CC, REFUSE, LISTS, "-fsanitize=", "scudo", NO_RUNTIME, 0, 0},
    {CC, KEEP, BEGINS, "-fsanitize=cfi", 0, 0, 0, 0},
    {CC, KEEP, BEGINS, "-fsanitize=kcfi", 0, 0, 0, 0},
    {CC, KEEP, BEGINS, "-fsanitize=local-bounds", 0, 0, 0, 0},
    {CC, REFUSE, BEGINS, "-fsanitize=", 0, TRAP_ONLY, TRAPPING, 0},
    {CC, REFUSE, BEGINS, "-fsanitize-coverage=", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "--coverage", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-coverage", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-fprofile-arcs", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fprofile-generate", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fprofile-instr-generate", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fcs-profile-generate", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fcreate-profile", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fmemory-profile", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-fxray-instrument", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-fsplit-stack", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-pg", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-p", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, IS, "-fopenmp", 0, NO_RUNTIME, 0, 0},
    {CC, REFUSE, BEGINS, "-fopenmp=", 0, NO_RUNTIME, 0, 0},
    /* clang names its own runtime libraries, which are the build machine's. */
    {LD, DROP, HAS, "/libclang_rt.ubsan_minimal", 0, 0, 0, 0},
    {LD, REFUSE, HAS, "/libclang_rt.", 0, NO_RUNTIME, 0, 0},
};

/* Is name one of the names in a list with commas? */
static bool in_list(const char *list, const char *name) {
    size_t length = strlen(name);

    while (list) {
        const char *end = strchrnul(list, ',');

        if ((size_t)(end - list) == length && memcmp(list, name, length) == 0)
            return true;
        list = *end ? end + 1 : NULL;
    }
    return false;
}

static bool matches(const struct rule *rule, const struct option *option) {
    const char *value;

    switch (rule->match) {
    case IS:
        return strcmp(option->word, rule->spelling) == 0;
    case BEGINS:
        return strncmp(option->word, rule->spelling, strlen(rule->spelling)) == 0;
    case HAS:
        return strstr(option->word, rule->spelling) != NULL;
    case VALUE_NOT:
        value = option_value(option, rule->spelling);
        return value && strcmp(value, rule->operand) != 0;
    case LISTS:
        value = option_value(option, rule->spelling);
        return value && in_list(value, rule->operand);
    }
    return false;
}

/* Does some word of the line begin with one of the prefixes, a list with commas? */
static bool any_begins(const struct argv *line, const char *prefixes) {
    while (prefixes) {
        const char *end = strchrnul(prefixes, ',');

        for (size_t i = 0; i < line->count; i++)
            if (strncmp(line->words[i], prefixes, (size_t)(end - prefixes)) == 0)
                return true;
        prefixes = *end ? end + 1 : NULL;
    }
    return false;
}

static bool is_off(const struct rule *rule, const struct argv *line) {
    return rule->unless && any_begins(line, rule->unless);
}

static const struct rule *find(enum option_language language, const struct argv *line,
                               const struct option *option) {
    bool input = option->input || option->word[0] != '-';

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct rule *rule = &table[i];

        if (rule->language == language && (!input || rule->match == HAS) &&
            matches(rule, option) && !is_off(rule, line))
            return rule;
    }
    return NULL;
}

enum options_question options_question(const struct argv *line) {
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, line, &i, &option);) {
        const struct rule *rule = find(OPTIONS_COMPILER, line, &option);

        if (rule && rule->action == ANSWER)
            return rule->question;
    }
    return OPTIONS_NOTHING;
}

/* Is there something to compile or to link? */
static bool has_input(const struct argv *line) {
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_COMPILER, line, &i, &option);)
        if (option.input || option.word[0] != '-' || option.word[1] == '\0' ||
            option.word[1] == 'l')
            return true;
    return false;
}

/* clang passes it on if it links, and is to say nothing if it does not. It takes the word
 * for an input, so there must be another one: `-v` alone asks for no link. */
static void push_for_link(const struct argv *line, struct argv *out, const char *word) {
    if (!has_input(line))
        return;
    argv_push(out, "--start-no-unused-arguments");
    if (strchr(word, ',')) { /* -Wl, would divide it */
        argv_push(out, "-Xlinker");
        argv_push(out, word);
    } else {
        argv_pushf(out, "-Wl,%s", word);
    }
    argv_push(out, "--end-no-unused-arguments");
}

bool options_filter(enum option_language language, const struct argv *line,
                    struct argv *out) {
    struct option option;

    for (size_t i = 0; option_next(language, line, &i, &option);) {
        const struct rule *rule = find(language, line, &option);
        enum action action = rule ? rule->action : KEEP;

        if (action == REFUSE) {
            message(option.word, "%s", rule->reason);
            return false;
        }
        if (action == FOR_LINK || action == BOTH)
            push_for_link(line, out, rule->operand ? rule->operand : option.word);
        for (size_t k = 0; (action == KEEP || action == BOTH) && k < option.count; k++)
            argv_push(out, line->words[option.first + k]);
    }
    return true;
}
