/* SPDX-License-Identifier: MIT */
/*
 * atman-tool: what is called x86_64-atman-linux-musl-ar, -ld, -pkg-config and so on. By the
 * last part of its name it becomes LLVM's tool, ld.atman, or the host's pkg-config that
 * sees nothing but the sysroot. Options and behaviour are those of that program.
 */
#include "argv.h"
#include "install.h"
#include "memory.h"
#include "message.h"
#include "process.h"

#include <stdlib.h>
#include <string.h>

/* "ar" of ".../x86_64-atman-linux-musl-ar", or of ".../ar". */
static const char *tool_of(const char *called) {
    const char *slash = strrchr(called, '/'), *name = slash ? slash + 1 : called;

    if (strncmp(name, ATMAN_TRIPLE "-", strlen(ATMAN_TRIPLE) + 1) == 0)
        name += strlen(ATMAN_TRIPLE) + 1;
    /* gcc's ar, nm and ranlib are those that can read its bitcode; LLVM's always can. */
    if (strncmp(name, "gcc-", 4) == 0)
        name += 4;
    return name;
}

static void run(const char *path, const char *first, char *const *arguments) {
    struct argv command = ARGV_EMPTY;
    int error;

    argv_push(&command, path);
    if (first)
        argv_push(&command, first);
    argv_push_all(&command, arguments);
    error = process_exec(&command);
    message(path, "%s", strerror(-error));
    argv_free(&command);
}

/* Libraries of the host are none for a guest: only what is in the sysroot is to be found.
 */
static void run_pkg_config(const char *root, char *const *arguments) {
    char *program = path_search("pkg-config"), *sysroot, *folders;

    if (!program) {
        message("pkg-config", "not found in PATH; apt-get install pkg-config");
        return;
    }
    sysroot = install_path(root, "sysroot");
    folders = must_format("%s/usr/lib/pkgconfig:%s/usr/share/pkgconfig", sysroot, sysroot);
    unsetenv("PKG_CONFIG_PATH");
    setenv("PKG_CONFIG_LIBDIR", folders, 1);
    setenv("PKG_CONFIG_SYSROOT_DIR", sysroot, 1);
    run(program, "--static", arguments);
    free(folders);
    free(sysroot);
    free(program);
}

static void run_llvm(const char *tool, char *const *arguments) {
    char *name = must_format("llvm-%s", tool), *path = llvm_tool(name);

    if (path)
        run(path, NULL, arguments);
    free(path);
    free(name);
}

int main(int argc, char **argv) {
    const char *tool = tool_of(argc > 0 ? argv[0] : "atman-tool");
    char *root, *linker;

    message_program(tool);
    root = install_root(INSTALL_LIBEXEC);
    if (!root)
        return 1;
    if (strcmp(tool, "atman-tool") == 0) {
        message(NULL, "call it by the name of a tool, " ATMAN_TRIPLE "-ar for one");
    } else if (strcmp(tool, "ld") == 0) {
        linker = install_path(root, "libexec/atman/ld.atman");
        run(linker, NULL, argv + 1);
        free(linker);
    } else if (strcmp(tool, "pkg-config") == 0) {
        run_pkg_config(root, argv + 1);
    } else {
        run_llvm(tool, argv + 1);
    }
    free(root);
    return 1;
}
