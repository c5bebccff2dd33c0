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
    const char *undone; /* the rule is off if a later word begins with one of this list */
};

#define ONE_IMAGE "a guest is one static image; leave it out"
#define NO_SUCH "no such option; atman-cc --help lists them"
#define ONLY_64_BIT "guests are 64-bit x86 (" ATMAN_TRIPLE "); leave it out"
#define NO_RUNTIME "there is no runtime library for it in a guest yet; leave it out"
#define TRAP_ONLY                                                                          \
    "the whole runtime library for it is not in a guest yet; add "                         \
    "-fsanitize-minimal-runtime, or -fsanitize-trap=all, with which a failed check ends "  \
    "the guest with a report"
#define TRAPPING                                                                           \
    "-fsanitize-trap,-fsanitize-minimal-runtime,-fsanitize-undefined-trap-on-error"
#define SANITIZER(name)                                                                    \
    {CC,                                                                                   \
     REFUSE,                                                                               \
     LISTS,                                                                                \
     "-fsanitize=",                                                                        \
     .operand = name,                                                                      \
     .reason = NO_RUNTIME,                                                                 \
     .undone = "-fno-sanitize=" name ",-fno-sanitize=all"}
#define GNU_QUOTING "response files have GNU quoting; leave it out"
#define NOT_HERE                                                                           \
    "this processor need not be the one that guests run on; name one (-march=x86-64-v2)"
#define ONLY_C "atman-cc is a C compiler, and C++ is not there yet; leave it out"

/* Rows leave out what is 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* The first rule that matches decides. */
static const struct rule table[] = {
    /* Answered here; --version even beside what is refused, since build systems would else
     * take the host's compiler without a word. */
    {CC, ANSWER, IS, "--help", .question = OPTIONS_HELP},
    {CC, ANSWER, IS, "-help", .question = OPTIONS_HELP},
    {CC, ANSWER, IS, "--version", .question = OPTIONS_VERSION},
    {CC, ANSWER, IS, "-print-sysroot", .question = OPTIONS_SYSROOT},
    {CC, ANSWER, IS, "--print-sysroot", .question = OPTIONS_SYSROOT},

    /* Which of the runtimes is linked, and what else ld.atman is to do. */
    {CC, FOR_LINK, IS, "-fatman-debug", .operand = "--atman-debug"},
    {CC, FOR_LINK, IS, "-fno-atman-debug", .operand = "--no-atman-debug"},
    {CC, FOR_LINK, IS, "-fatman-trace", .operand = "--atman-trace"},
    {CC, FOR_LINK, IS, "-fno-atman-trace", .operand = "--no-atman-trace"},
    {CC, FOR_LINK, IS, "-fatman-foreign", .operand = "--atman-foreign"},
    {CC, FOR_LINK, IS, "-fno-atman-foreign", .operand = "--no-atman-foreign"},
    {CC, FOR_LINK, IS, "-fatman-process", .operand = "--atman-process"},
    {CC, FOR_LINK, IS, "-fno-atman-process", .operand = "--no-atman-process"},
    {CC, FOR_LINK, BEGINS, "--atman-files="},
    {CC, BOTH, IS, "-v", .operand = "--atman-verbose"},
    {LD, DROP, IS, "--atman-verbose"},
    {LD, DROP, IS, "--atman-debug"},
    {LD, DROP, IS, "--no-atman-debug"},
    {LD, DROP, IS, "--atman-trace"},
    {LD, DROP, IS, "--no-atman-trace"},
    {LD, DROP, IS, "--atman-foreign"},
    {LD, DROP, IS, "--no-atman-foreign"},
    {LD, DROP, IS, "--atman-process"},
    {LD, DROP, IS, "--no-atman-process"},
    {LD, DROP, BEGINS, "--atman-files="},
    /* No clang or lld will ever know what begins so. */
    {CC, REFUSE, BEGINS, "-fatman", .reason = NO_SUCH},
    {CC, REFUSE, BEGINS, "-fno-atman", .reason = NO_SUCH},
    {CC, REFUSE, BEGINS, "--atman", .reason = NO_SUCH},
    {LD, REFUSE, BEGINS, "--atman", .reason = NO_SUCH},
    {LD, REFUSE, BEGINS, "--no-atman", .reason = NO_SUCH},

    /* Images are linked to a fixed address, without a loader. */
    {CC, DROP, IS, "-pie"},
    {CC, DROP, IS, "-static-pie"},
    {CC, DROP, IS, "-rdynamic"},
    {CC, DROP, IS, "-dynamic"},
    {CC, DROP, IS, "-shared-libgcc"},
    {CC, REFUSE, IS, "-shared", .reason = ONE_IMAGE},
    {CC, REFUSE, IS, "--shared", .reason = ONE_IMAGE},
    {LD, DROP, IS, "-pie"},
    {LD, DROP, IS, "--pie"},
    {LD, DROP, IS, "-pic-executable"},
    {LD, DROP, IS, "--pic-executable"},
    {LD, DROP, IS, "-E"},
    {LD, DROP, IS, "-export-dynamic"},
    {LD, DROP, IS, "--export-dynamic"},
    {LD, DROP, BEGINS, "-dynamic-linker"},
    {LD, DROP, BEGINS, "--dynamic-linker"},
    /* -Bstatic -lx -Bdynamic -ly: the second library is found as an archive, too. */
    {LD, DROP, IS, "-Bdynamic"},
    {LD, DROP, IS, "--Bdynamic"},
    {LD, DROP, IS, "-dy"},
    {LD, DROP, IS, "-call_shared"},
    {LD, REFUSE, IS, "-shared", .reason = ONE_IMAGE},
    {LD, REFUSE, IS, "--shared", .reason = ONE_IMAGE},
    {LD, REFUSE, IS, "-Bshareable", .reason = ONE_IMAGE},
    {LD, REFUSE, IS, "--Bshareable", .reason = ONE_IMAGE},
    /* Debian's clang always says this; who wants one says which (--build-id=sha1). */
    {LD, DROP, IS, "--build-id"},

    /* The compiler's own runtime library is not made for guests; the sysroot's libgcc.a is
     * the same code that is. */
    {CC, DROP, BEGINS, "-rtlib="},
    {CC, DROP, BEGINS, "--rtlib"},
    {CC, DROP, BEGINS, "-unwindlib="},
    {CC, DROP, BEGINS, "--unwindlib="},

    /* In an object's .comment only the mark of our own says who compiled it (foreign.c). */
    {CC, DROP, IS, "-fident"},
    {CC, DROP, IS, "-Qy"},

    /* One language, one target, one linker. */
    {CC, REFUSE, VALUE_NOT, "--driver-mode=", .operand = "gcc", .reason = ONLY_C,
     .unless = "--driver-mode=cpp"},
    {CC, REFUSE, IS, "-m32", .reason = ONLY_64_BIT, .undone = "-m64"},
    {CC, REFUSE, IS, "-m16", .reason = ONLY_64_BIT, .undone = "-m64"},
    {CC, REFUSE, IS, "-mx32", .reason = ONLY_64_BIT, .undone = "-m64"},
    {CC, REFUSE, VALUE_NOT, "--target=", .operand = ATMAN_TRIPLE, .reason = ONLY_64_BIT,
     .undone = "--target=,-target"},
    {CC, REFUSE, VALUE_NOT, "-target", .operand = ATMAN_TRIPLE, .reason = ONLY_64_BIT,
     .undone = "--target=,-target"},
    {CC, REFUSE, IS, "-march=native", .reason = NOT_HERE, .undone = "-march="},
    {CC, REFUSE, BEGINS, "--ld-path",
     .reason = "images are linked by ld.atman; leave it out"},
    {CC, REFUSE, BEGINS, "--rsp-quoting=windows", .reason = GNU_QUOTING},
    {LD, REFUSE, BEGINS, "--rsp-quoting=windows", .reason = GNU_QUOTING},

    /* What instruments a program needs a runtime in the guest, or must trap. */
    SANITIZER("address"),
    SANITIZER("kernel-address"),
    SANITIZER("hwaddress"),
    SANITIZER("leak"),
    SANITIZER("memory"),
    SANITIZER("kernel-memory"),
    SANITIZER("thread"),
    SANITIZER("dataflow"),
    SANITIZER("fuzzer"),
    SANITIZER("fuzzer-no-link"),
    SANITIZER("numerical"),
    SANITIZER("realtime"),
    SANITIZER("safe-stack"),
    SANITIZER("scudo"),
    {CC, KEEP, BEGINS, "-fsanitize=cfi"},
    {CC, KEEP, BEGINS, "-fsanitize=kcfi"},
    {CC, KEEP, BEGINS, "-fsanitize=local-bounds"},
    {CC, REFUSE, BEGINS, "-fsanitize=", .reason = TRAP_ONLY, .unless = TRAPPING,
     .undone = "-fno-sanitize=undefined,-fno-sanitize=all"},
    {CC, REFUSE, BEGINS, "-fsanitize-coverage=", .reason = NO_RUNTIME,
     .undone = "-fno-sanitize-coverage="},
    {CC, REFUSE, IS, "--coverage", .reason = NO_RUNTIME},
    {CC, REFUSE, IS, "-coverage", .reason = NO_RUNTIME},
    {CC, REFUSE, IS, "-fprofile-arcs", .reason = NO_RUNTIME, .undone = "-fno-profile-arcs"},
    {CC, REFUSE, BEGINS, "-fprofile-generate", .reason = NO_RUNTIME,
     .undone = "-fno-profile-generate"},
    {CC, REFUSE, BEGINS, "-fprofile-instr-generate", .reason = NO_RUNTIME,
     .undone = "-fno-profile-instr-generate"},
    {CC, REFUSE, BEGINS, "-fcs-profile-generate", .reason = NO_RUNTIME},
    {CC, REFUSE, BEGINS, "-fcreate-profile", .reason = NO_RUNTIME},
    {CC, REFUSE, BEGINS, "-fmemory-profile", .reason = NO_RUNTIME,
     .undone = "-fno-memory-profile"},
    {CC, REFUSE, IS, "-fxray-instrument", .reason = NO_RUNTIME,
     .undone = "-fno-xray-instrument"},
    {CC, REFUSE, IS, "-fsplit-stack", .reason = NO_RUNTIME, .undone = "-fno-split-stack"},
    {CC, REFUSE, IS, "-pg", .reason = NO_RUNTIME},
    {CC, REFUSE, IS, "-p", .reason = NO_RUNTIME},
    {CC, REFUSE, IS, "-fopenmp", .reason = NO_RUNTIME, .undone = "-fno-openmp"},
    {CC, REFUSE, BEGINS, "-fopenmp=", .reason = NO_RUNTIME, .undone = "-fno-openmp"},
    /* clang names its own runtime libraries, which are the build machine's. */
    {LD, DROP, HAS, "/libclang_rt.ubsan_minimal"},
    {LD, REFUSE, HAS, "/libclang_rt.", .reason = NO_RUNTIME},
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

/* Does some word of the line, from this one on, begin with one of the prefixes, a list with
 * commas? */
static bool any_begins(const struct argv *line, size_t from, const char *prefixes) {
    while (prefixes) {
        const char *end = strchrnul(prefixes, ',');

        for (size_t i = from; i < line->count; i++)
            if (strncmp(line->words[i], prefixes, (size_t)(end - prefixes)) == 0)
                return true;
        prefixes = *end ? end + 1 : NULL;
    }
    return false;
}

static bool is_undone(const struct rule *rule, const struct argv *line,
                      const struct option *option) {
    return any_begins(line, option->first + option->count, rule->undone);
}

static const struct rule *find(enum option_language language, const struct argv *line,
                               const struct option *option) {
    bool input = option->input || option->word[0] != '-';

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct rule *rule = &table[i];

        if (rule->language != language || (input && rule->match != HAS) ||
            !matches(rule, option) || any_begins(line, 0, rule->unless))
            continue;
        if (!is_undone(rule, line, option))
            return rule;
        if (!strchr(option->word, ',')) /* else there is more that may be refused */
            return NULL;
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
