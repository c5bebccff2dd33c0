/* SPDX-License-Identifier: MIT */
/*
 * The options that a guest treats otherwise than a Linux program, in two tables: what the
 * compiler is asked, and what the linker is asked (-Wl, -Xlinker, or called directly).
 * Dropped are options that ask for something which every image has or none can use, so that
 * ordinary build systems work; refused are those that could only be honoured by a broken
 * result, so that configure's probes hear "no". Options of our own become words for
 * ld.atman (link.c). All others reach clang and lld as they are.
 */
#include "install.h"
#include "message.h"
#include "options.h"

#include <string.h>

enum action { DROP, REFUSE, KEEP, FOR_LINK, BOTH /* KEEP and FOR_LINK */ };

enum match {
    IS,        /* the word is the spelling */
    BEGINS,    /* the word begins with the spelling */
    VALUE_NOT, /* the spelling's value, joined or separate, is not the operand */
    LISTS      /* the spelling's value, a list with commas, has the operand in it */
};

struct rule {
    enum action action;
    enum match match;
    const char *spelling;
    const char *operand; /* of VALUE_NOT and LISTS; of FOR_LINK, BOTH: ld.atman's word,
                            0: the option itself */
    const char *reason;  /* of REFUSE: reason; what to do */
    const char *unless;  /* the rule is off if some word begins with one of this list */
};

#define ONE_IMAGE "a guest is one static image; leave it out"
#define ONLY_64_BIT "guests are 64-bit x86 (" ATMAN_TRIPLE "); leave it out"
#define NO_RUNTIME "there is no runtime library for it in a guest yet; leave it out"
#define TRAP_ONLY                                                                          \
    "there is no runtime library for it in a guest yet; add -fsanitize-trap=all, "         \
    "and a failed check ends the guest with a report"
#define TRAPPING                                                                           \
    "-fsanitize-trap,-fsanitize-minimal-runtime,-fsanitize-undefined-trap-on-error"
#define GNU_QUOTING "response files have GNU quoting; leave it out"

/* The first rule that matches decides. */
static const struct rule compiler_rules[] = {
    /* Which of the runtimes is linked. */
    {FOR_LINK, IS, "-fatman-debug", "--atman-debug", 0, 0},
    {FOR_LINK, IS, "-fno-atman-debug", "--no-atman-debug", 0, 0},
    {FOR_LINK, IS, "-fatman-trace", "--atman-trace", 0, 0},
    {FOR_LINK, IS, "-fno-atman-trace", "--no-atman-trace", 0, 0},
    {FOR_LINK, BEGINS, "--atman-files=", 0, 0, 0},
    {BOTH, IS, "-v", "--atman-verbose", 0, 0},

    /* Images are linked to a fixed address, without a loader. */
    {DROP, IS, "-pie", 0, 0, 0},
    {DROP, IS, "-static-pie", 0, 0, 0},
    {DROP, IS, "-rdynamic", 0, 0, 0},
    {DROP, IS, "-dynamic", 0, 0, 0},
    {REFUSE, IS, "-shared", 0, ONE_IMAGE, 0},
    {REFUSE, IS, "--shared", 0, ONE_IMAGE, 0},

    /* The compiler's own runtime library would bring functions that use the red zone; the
     * sysroot's libgcc.a is the same code without it. */
    {DROP, BEGINS, "-rtlib=", 0, 0, 0},
    {DROP, BEGINS, "--rtlib", 0, 0, 0},
    {DROP, BEGINS, "-unwindlib=", 0, 0, 0},
    {DROP, BEGINS, "--unwindlib=", 0, 0, 0},

    /* One target, one linker. */
    {REFUSE, IS, "-m32", 0, ONLY_64_BIT, 0},
    {REFUSE, IS, "-m16", 0, ONLY_64_BIT, 0},
    {REFUSE, IS, "-mx32", 0, ONLY_64_BIT, 0},
    {REFUSE, VALUE_NOT, "--target=", ATMAN_TRIPLE, ONLY_64_BIT, 0},
    {REFUSE, VALUE_NOT, "-target", ATMAN_TRIPLE, ONLY_64_BIT, 0},
    {REFUSE, BEGINS, "--ld-path", 0, "images are linked by ld.atman; leave it out", 0},
    {REFUSE, BEGINS, "--rsp-quoting=windows", 0, GNU_QUOTING, 0},

    /* What instruments a program needs a runtime in the guest, or must trap. */
    {REFUSE, LISTS, "-fsanitize=", "address", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "hwaddress", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "leak", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "memory", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "thread", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "dataflow", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "fuzzer", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "realtime", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "safe-stack", NO_RUNTIME, 0},
    {REFUSE, LISTS, "-fsanitize=", "scudo", NO_RUNTIME, 0},
    {KEEP, BEGINS, "-fsanitize=cfi", 0, 0, 0},
    {KEEP, BEGINS, "-fsanitize=kcfi", 0, 0, 0},
    {KEEP, BEGINS, "-fsanitize=local-bounds", 0, 0, 0},
    {REFUSE, BEGINS, "-fsanitize=", 0, TRAP_ONLY, TRAPPING},
    {REFUSE, IS, "--coverage", 0, NO_RUNTIME, 0},
    {REFUSE, IS, "-coverage", 0, NO_RUNTIME, 0},
    {REFUSE, IS, "-fprofile-arcs", 0, NO_RUNTIME, 0},
    {REFUSE, BEGINS, "-fprofile-generate", 0, NO_RUNTIME, 0},
    {REFUSE, BEGINS, "-fprofile-instr-generate", 0, NO_RUNTIME, 0},
    {REFUSE, BEGINS, "-fcs-profile-generate", 0, NO_RUNTIME, 0},
};

static const struct rule linker_rules[] = {
    /* Ours: link_read() has seen them. */
    {DROP, IS, "--atman-verbose", 0, 0, 0},
    {DROP, IS, "--atman-debug", 0, 0, 0},
    {DROP, IS, "--no-atman-debug", 0, 0, 0},
    {DROP, IS, "--atman-trace", 0, 0, 0},
    {DROP, IS, "--no-atman-trace", 0, 0, 0},
    {DROP, BEGINS, "--atman-files=", 0, 0, 0},
    {DROP, IS, "-pie", 0, 0, 0},
    {DROP, IS, "--pie", 0, 0, 0},
    {DROP, IS, "-pic-executable", 0, 0, 0},
    {DROP, IS, "--pic-executable", 0, 0, 0},
    {DROP, IS, "-E", 0, 0, 0},
    {DROP, IS, "-export-dynamic", 0, 0, 0},
    {DROP, IS, "--export-dynamic", 0, 0, 0},
    {DROP, BEGINS, "-dynamic-linker", 0, 0, 0},
    {DROP, BEGINS, "--dynamic-linker", 0, 0, 0},
    /* -Bstatic -lx -Bdynamic -ly: the second library is found as an archive, too. */
    {DROP, IS, "-Bdynamic", 0, 0, 0},
    {DROP, IS, "--Bdynamic", 0, 0, 0},
    {DROP, IS, "-dy", 0, 0, 0},
    {DROP, IS, "-call_shared", 0, 0, 0},
    /* Debian's clang always says this; a user who wants one says which (--build-id=sha1).
     */
    {DROP, IS, "--build-id", 0, 0, 0},
    {REFUSE, IS, "-shared", 0, ONE_IMAGE, 0},
    {REFUSE, IS, "--shared", 0, ONE_IMAGE, 0},
    {REFUSE, IS, "-Bshareable", 0, ONE_IMAGE, 0},
    {REFUSE, IS, "--Bshareable", 0, ONE_IMAGE, 0},
    {REFUSE, BEGINS, "--rsp-quoting=windows", 0, GNU_QUOTING, 0},
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

static const struct rule *find(const struct rule *rules, size_t count,
                               const struct argv *line, const struct option *option) {
    if (option->input || option->word[0] != '-')
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!matches(&rules[i], option))
            continue;
        if (rules[i].unless && any_begins(line, rules[i].unless))
            continue;
        return &rules[i];
    }
    return NULL;
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
    bool compiler = language == OPTIONS_COMPILER;
    const struct rule *rules = compiler ? compiler_rules : linker_rules;
    size_t count = compiler ? sizeof compiler_rules / sizeof *compiler_rules
                            : sizeof linker_rules / sizeof *linker_rules;
    struct option option;

    for (size_t i = 0; option_next(language, line, &i, &option);) {
        const struct rule *rule = find(rules, count, line, &option);
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
