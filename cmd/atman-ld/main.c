/* SPDX-License-Identifier: MIT */
/*
 * ld.atman: the linker that atman-cc gives to clang. It adds what makes an image to the
 * flat link line, runs lld, and checks the result: what it leaves behind is either an image
 * that Xen can start or nothing.
 */
#include "argfile.h"
#include "files.h"
#include "image.h"
#include "inputs.h"
#include "install.h"
#include "link.h"
#include "message.h"
#include "pack.h"
#include "process.h"
#include "rawcalls.h"
#include "space.h"
#include "supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* -o may name a device (configure's -o /dev/null), which is neither checked nor removed. */
static bool is_file(const char *path) {
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void remove_output(const struct link_plan *plan) {
    if (plan->links && is_file(plan->output))
        unlink(plan->output);
}

/* lld writes last of all, so a new file at the output's place is a half-written one. */
static bool half_written(const struct link_plan *plan, const struct stat *before) {
    struct stat now;

    if (stat(plan->output, &now) != 0)
        return false;
    return !S_ISREG(now.st_mode) || now.st_ino != before->st_ino ||
           now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* Runs lld; returns if it made its output, else ends as it did. */
static void run_lld(struct link_plan *plan, const struct argv *command, const char *root) {
    struct stat before = {0};
    int status = 0, error;

    stat(plan->output, &before);
    error = supervise(command, &status);
    if (!error && status == 0)
        return;
    if (error)
        message(command->words[0], "%s", strerror(-error));
    else if (WIFSIGNALED(status))
        message(plan->output, "not linked; %s: killed by signal %d (%s)", command->words[0],
                WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (plan->links && half_written(plan, &before))
        space_explain(plan->output);
    remove_output(plan);
    inputs_extracted(plan, root); /* another C library's names may be what is undefined */
    if (error)
        exit(1);
    process_end_like(status);
}

/* 0, or 1 after a message: the image is broken, and gone. */
static int finish_output(const struct link_plan *plan) {
    char *reason = NULL;

    if (!plan->image || !is_file(plan->output))
        return 0;
    if (plan->stack_size)
        reason = image_set_stack_size(plan->output, plan->stack_size);
    if (!reason)
        reason = image_check(plan->output);
    if (!reason) {
        if (plan->files.count && !image_has_section(plan->output, ".atman.files"))
            message(plan->output, "warning: --atman-files: the program opens no files, so "
                                  "there are none in it");
        return 0;
    }
    message(plan->output, "%s", reason);
    free(reason);
    remove_output(plan);
    return 1;
}

/* One run of lld. 0, or 1 after a message; does not return if lld fails. */
static int link_once(struct link_plan *plan, const char *lld, const char *root) {
    struct argv command = ARGV_EMPTY;
    int error;

    if (plan->links && !plan->foreign)
        inputs_prepare(plan);
    link_command(plan, lld, root, &command);
    error = argfile_pack(&command);
    if (error)
        message("arguments", "%s", strerror(-error));
    else
        run_lld(plan, &command, root);
    argv_free(&command);
    if (inputs_extracted(plan, root) && !error)
        return 0;
    remove_output(plan);
    return 1;
}

/* The program's `syscall` instructions need the dispatcher. Which of its objects end up in
 * an image, only the link tells: so it is looked at, and if need be linked again. */
static int link_dispatcher(struct link_plan *plan, const char *lld, const char *root) {
    struct rawcalls raw;

    if (!plan->image || !is_file(plan->output))
        return 0;
    raw = rawcalls_find(plan->output);
    if (plan->verbose)
        message(plan->output, "raw syscall instructions: %s%lu",
                raw.certain ? "" : "at most ", raw.count);
    if (!raw.count)
        return 0;
    plan->dispatcher = true;
    return link_once(plan, lld, root);
}

/* The folders of --atman-files as an object. 0, or 1 after a message. */
static int pack_files(struct link_plan *plan) {
    if (!plan->image || !plan->files.count)
        return 0;
    for (char *const *spec = plan->files.words; *spec; spec++)
        if (!pack_is_spec("--atman-files", *spec))
            return 1;
    plan->files_object = files_object(plan->files.words);
    return plan->files_object < 0;
}

/* lld's help without its last line, "supported targets: elf": by that libtool finds out
 * whether there can be shared libraries, and would make them beside each static one. */
static int print_help(const struct link_plan *plan, const char *lld, const char *root) {
    struct argv command = ARGV_EMPTY;
    char *text, *targets;
    int error, status;

    link_command(plan, lld, root, &command);
    error = process_capture(&command, &text, &status);
    argv_free(&command);
    if (error) {
        message(lld, "%s", strerror(-error));
        return 1;
    }
    targets = strstr(text, ": supported targets:");
    while (targets && targets > text && targets[-1] != '\n')
        targets--;
    if (targets)
        *targets = '\0';
    fputs(text, stdout);
    free(text);
    return fflush(stdout) == 0 ? process_exit_status(status) : 1;
}

static int link_with(struct link_plan *plan, const char *root) {
    char *lld = llvm_tool("ld.lld");
    int status;

    if (!lld)
        return 1;
    if (plan->help) {
        status = print_help(plan, lld, root);
        free(lld);
        return status;
    }
    status = plan->links && !plan->foreign && !inputs_on_line(plan, root);
    if (!status)
        status = pack_files(plan);
    if (status)
        remove_output(plan);
    else
        status = link_once(plan, lld, root);
    if (!status)
        status = link_dispatcher(plan, lld, root);
    free(lld);
    return status ? status : finish_output(plan);
}

int main(int argc, char **argv) {
    struct link_plan plan;
    char *root;
    int status = 1;

    message_program("ld.atman");
    root = install_root(INSTALL_LIBEXEC);
    if (!root)
        return 1;
    if (link_read(argc > 0 ? argv + 1 : argv, &plan))
        status = link_with(&plan, root);
    link_plan_free(&plan);
    free(root);
    return status;
}
