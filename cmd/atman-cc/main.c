/* SPDX-License-Identifier: MIT */
/*
 * atman-cc: compiles C programs into Xen guests. It plans one run of clang and becomes it,
 * so clang's messages and exit status are the user's; driver/ does the planning.
 */
#include "argfile.h"
#include "compile.h"
#include "install.h"
#include "memory.h"
#include "message.h"
#include "process.h"
#include "space.h"
#include "supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static int print_help(void) {
    puts("usage: atman-cc [options] file...\n"
         "Compiles C programs into Xen guests; its options are clang's:\n"
         "  atman-cc -O2 -o kernel hello.c && atman-run kernel\n"
         "\n"
         "Of its own:\n"
         "  --atman-files=DIR[:/WHERE]  put the folder's files into the image\n"
         "  -fatman-debug               link the runtime that checks itself\n"
         "  -fatman-trace               link the tracer (atman-run --trace, --summary)\n"
         "  -fatman-foreign             let in objects of other compilers\n"
         "  -fno-atman-process          make a guest only, which is no Linux process\n"
         "  -print-sysroot              where the headers and libraries are\n"
         "  --help, --version           this text; versions, and a hash of the sysroot\n"
         "\n"
         "Ignored:  -pie -static-pie -rdynamic: an image is static\n"
         "Refused, with the reason:  -shared -m32 -march=native, another --target, -pg\n"
         "  and what else needs a runtime library that guests lack\n"
         "\n"
         "ATMAN_LLVM in the environment names another folder with clang and ld.lld.\n"
         "Manual: man atman-cc. All of clang's options: clang-" ATMAN_LLVM_MAJOR " --help");
    return fflush(stdout) == 0 ? 0 : 1;
}

/* clang does not say which file it was that a full disk had no room for. Of a link's output
 * ld.atman speaks. */
static void explain_failure(const struct argv *words) {
    const char *output = compile_output(words);
    const char *folder = getenv("TMPDIR");
    char *temporary;

    if (!compile_links(words) && space_explain(output ? output : "./"))
        return;
    temporary = must_format("%s/", folder ? folder : "/tmp");
    space_explain(temporary);
    free(temporary);
}

/* Runs clang; this program's exit status, unless it ends by clang's signal. */
static int run_clang(const char *root, const struct argv *words) {
    struct argv command = ARGV_EMPTY;
    char *clang = llvm_tool("clang");
    int error, status = 0;

    if (!clang)
        return 1;
    compile_plan(clang, root, words, &command);
    compile_clean_environment();
    error = argfile_pack(&command);
    if (!error)
        error = supervise(&command, &status);
    if (error)
        message(clang, "%s", strerror(-error));
    else if (status != 0)
        explain_failure(words);
    argv_free(&command);
    free(clang);
    if (error)
        return 1;
    if (WIFSIGNALED(status))
        process_end_like(status);
    return process_exit_status(status);
}

/* Runs clang as often as these words need it; the exit status of the first that fails. As
 * clang alone does, goes on with the others. */
static int run_all(const char *root, const struct argv *words) {
    struct argv others = ARGV_EMPTY, assembly = ARGV_EMPTY;
    int status, second;

    if (!compile_split(words, &others, &assembly)) {
        status = run_clang(root, words);
    } else {
        status = run_clang(root, &others);
        second = run_clang(root, &assembly);
        status = status ? status : second;
    }
    argv_free(&others);
    argv_free(&assembly);
    return status;
}

/* Called as a C++ compiler: whatever is asked, build systems shall hear "no". */
static bool is_for_cxx(const char *called) {
    size_t length = strlen(called);

    return length >= 2 && strcmp(called + length - 2, "++") == 0;
}

int main(int argc, char **argv) {
    struct argv words = ARGV_EMPTY;
    char *root;
    int status = 1;

    message_program("atman-cc");
    if (argc > 0 && is_for_cxx(argv[0])) {
        message("C++", "not there yet; only C programs become guests");
        return 1;
    }
    root = install_root(INSTALL_BIN);
    if (!root)
        return 1;
    switch (compile_read(argc > 0 ? argv + 1 : argv, &words)) {
    case COMPILE_RUN:
        status = run_all(root, &words);
        break;
    case COMPILE_HELP:
        status = print_help();
        break;
    case COMPILE_VERSION:
        compile_clean_environment();
        compile_print_version(root);
        status = 0;
        break;
    case COMPILE_SYSROOT:
        printf("%s/sysroot\n", root);
        status = fflush(stdout) == 0 ? 0 : 1;
        break;
    case COMPILE_REFUSED:
        break;
    }
    argv_free(&words);
    free(root);
    return status;
}
