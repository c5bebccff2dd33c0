/* SPDX-License-Identifier: MIT */
/*
 * The link plan: see link.h. A line without inputs (-v, --version, --help: libtool and
 * CMake parse the answers) and a relocatable link (-r) are lld's alone and stay as they
 * are.
 */
#include "link.h"

#include "argfile.h"
#include "install.h"
#include "memory.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

static bool is(const struct option *option, const char *a, const char *b) {
    return strcmp(option->word, a) == 0 || (b && strcmp(option->word, b) == 0);
}

static bool begins(const struct option *option, const char *prefix) {
    return strncmp(option->word, prefix, strlen(prefix)) == 0;
}

static bool is_input(const struct option *option) {
    return option->word[0] != '-' || begins(option, "-l") || begins(option, "--library=") ||
           is(option, "--library", NULL);
}

static bool is_script(const struct option *option) {
    /* -Ttext and its like give an address; they are no scripts. */
    if (begins(option, "-Ttext") || begins(option, "-Tdata") || begins(option, "-Tbss"))
        return false;
    return begins(option, "-T") || begins(option, "--script") ||
           begins(option, "-script") || begins(option, "--default-script") ||
           is(option, "-dT", "--dT");
}

/* The value of -o in any of its spellings, or NULL. */
static const char *output_of(const struct option *option) {
    if (begins(option, "--output="))
        return option_value(option, "--output=");
    if (is(option, "--output", NULL))
        return option->value;
    /* lld, too, takes every word that begins with -o for this. */
    return begins(option, "-o") ? option_value(option, "-o") : NULL;
}

/* N of -z stack-size=N. lld has the last word on what is a number. */
static void read_stack_size(const struct option *option, uint64_t *bytes) {
    const char *value = option_value(option, "-z");

    if (value && strncmp(value, "stack-size=", 11) == 0)
        *bytes = strtoull(value + 11, NULL, 0);
}

/* The words that only this program knows; --no-… undoes what came before it. */
static void read_own(const struct argv *line, struct link_plan *plan) {
    struct option option;

    for (size_t i = 0; option_next(OPTIONS_LINKER, line, &i, &option);) {
        if (is(&option, "--atman-verbose", NULL))
            plan->verbose = true;
        if (is(&option, "--atman-debug", "--no-atman-debug"))
            plan->debug = option.word[2] == 'a';
        if (is(&option, "--atman-trace", "--no-atman-trace"))
            plan->trace = option.word[2] == 'a';
        if (is(&option, "--atman-foreign", "--no-atman-foreign"))
            plan->foreign = option.word[2] == 'a';
        if (is(&option, "--atman-process", "--no-atman-process"))
            plan->guest_only = option.word[2] == 'n';
        if (begins(&option, "--atman-files="))
            argv_push(&plan->files, option.word + strlen("--atman-files="));
    }
}

bool link_read(char *const *user, struct link_plan *plan) {
    struct argv line = ARGV_EMPTY;
    struct option option;
    bool relocatable = false, good;

    *plan = (struct link_plan){
        .words = ARGV_EMPTY,
        .output = must_copy("a.out"),
        .files_object = -1,
    };
    good = argfile_expand(user, &line) == 0 &&
           options_filter(OPTIONS_LINKER, &line, &plan->words);
    read_own(&line, plan);
    argv_free(&line);
    if (!good)
        return false;
    for (size_t i = 0; option_next(OPTIONS_LINKER, &plan->words, &i, &option);) {
        const char *output = output_of(&option);

        if (output) {
            free(plan->output);
            plan->output = must_copy(output);
        }
        if (is(&option, "-r", "--relocatable") || is(&option, "-relocatable", NULL))
            relocatable = true;
        if (begins(&option, "--why-extract"))
            plan->why_extract = true;
        if (is(&option, "--help", "-help"))
            plan->help = true;
        read_stack_size(&option, &plan->stack_size);
        if (is_script(&option))
            plan->own_script = true;
        if (is_input(&option))
            plan->links = true;
    }
    plan->image = plan->links && !relocatable;
    return true;
}

/* Does the line end where it should, and not with an option without its argument? That
 * would take a word of ours for it. */
static bool ends_whole(const struct argv *words) {
    struct option option = {0};

    for (size_t i = 0; option_next(OPTIONS_LINKER, words, &i, &option);)
        ;
    return !option.word ||
           option.count == option_arguments(OPTIONS_LINKER, option.word) + 1;
}

void link_command(const struct link_plan *plan, const char *lld, const char *root,
                  struct argv *command) {
    argv_push(command, lld);
    /* Through a mapping a full disk would kill lld by SIGBUS, with a page of stack dump. */
    argv_push(command, "--no-mmap-output-file");
    if (plan->image) {
        argv_push(command, "-static");
        argv_push(command, "--gc-sections");
        argv_push(command, "--build-id=none");
        argv_push(command, "-z");
        argv_push(command, "max-page-size=4096");
        argv_push(command, "-z");
        argv_push(command, "noexecstack");
        argv_push(command, "-z");
        argv_push(command, "norelro");
        if (!plan->own_script) {
            argv_push(command, "-T");
            argv_pushf(command, "%s/lib/atman/atman.ld", root);
        }
        argv_pushf(command, "%s/sysroot/usr/lib/atman%s%s.o", root,
                   plan->debug ? "-debug" : "", plan->trace ? "-trace" : "");
        if (plan->guest_only) {
            argv_push(command, "-e");
            argv_push(command, "atman_process_refuse");
        }
        if (plan->dispatcher) {
            argv_push(command, "-u");
            argv_push(command, "atman_syscall");
        }
        argv_pushf(command, "%s/sysroot/usr/lib/libatman-dispatch.a", root);
        argv_pushf(command, "%s/sysroot/usr/lib/libatman-ubsan.a", root);
        if (plan->files_object >= 0)
            argv_pushf(command, "/proc/self/fd/%d", plan->files_object);
    }
    argv_push_all(command, plan->words.words);
    if (!ends_whole(&plan->words))
        return;
    if (plan->image) /* where a linker called by hand finds -lc, as it would natively */
        argv_pushf(command, "-L%s/sysroot/usr/lib", root);
    if (plan->extracted)
        argv_pushf(command, "--why-extract=%s", plan->extracted);
}

void link_plan_free(struct link_plan *plan) {
    argv_free(&plan->words);
    argv_free(&plan->files);
    free(plan->output);
    free(plan->extracted);
    plan->output = plan->extracted = NULL;
}
