/* SPDX-License-Identifier: MIT */
/*
 * Where things are. Atman's own files are found from the running program's location, so a
 * toolchain folder can be moved, copied or reached through symlinks; LLVM's tools are
 * looked up where the build found them. Nothing here is cached or written.
 *
 * The folder (docs/architecture.md shows all of it):
 *     bin/  libexec/atman/  lib/atman/  share/atman/  sysroot/
 */
#ifndef ATMAN_DRIVER_INSTALL_H
#define ATMAN_DRIVER_INSTALL_H

/* The target that everything is compiled for. */
#define ATMAN_TRIPLE "x86_64-atman-linux-musl"

/* How deep a program lies under the toolchain folder: bin/prog, libexec/atman/prog. */
enum install_depth { INSTALL_BIN = 2, INSTALL_LIBEXEC = 3 };

/* The toolchain folder as an absolute path without symlinks, by removing `depth` names from
 * the end of /proc/self/exe. The caller frees it. On failure: prints a message, returns
 * NULL. */
char *install_root(enum install_depth depth);

/* root/relative as a new string, which the caller frees. The file need not exist. */
char *install_path(const char *root, const char *relative);

/* The path of one of LLVM's tools ("clang", "ld.lld", "llvm-symbolizer", ...), which the
 * caller frees. Looked for in this order:
 *   1. the folder named by the environment variable ATMAN_LLVM; if it is set, only there;
 *   2. the folder that the build was configured with (ATMAN_LLVM_BINDIR);
 *   3. PATH, under the tool's versioned name (clang-19).
 * Returns NULL, and prints nothing, if there is none. */
char *llvm_tool_find(const char *name);

/* The same, but where there is none it prints one line that names the tool, where it was
 * expected and the command that gets it, and returns NULL. */
char *llvm_tool(const char *name);

/* The first executable file called name in the folders of PATH, which the caller frees, or
 * NULL. A name with a slash is not looked up but taken as it is. */
char *path_search(const char *name);

#endif
