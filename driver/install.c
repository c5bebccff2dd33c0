/* SPDX-License-Identifier: MIT */
/*
 * Finding the toolchain folder and LLVM: see install.h. An explicit ATMAN_LLVM is never
 * silently replaced by something else: clang and lld must be of one version, and a wrong
 * guess would show as an unreadable object file much later.
 */
#include "install.h"

#include "memory.h"
#include "message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel's name for this program: always resolved, whatever it was called by. */
static char *linked_path(void) {
    size_t room = 256;
    char *path = NULL;

    for (;;) {
        ssize_t length;

        path = must_resize(path, room, 1);
        length = readlink("/proc/self/exe", path, room);
        if (length < 0) {
            free(path);
            return NULL;
        }
        if ((size_t)length < room) {
            path[length] = '\0';
            return path;
        }
        room *= 2;
    }
}

/* Without /proc (a bare chroot) there is still the path that was given to execve(). */
static char *own_path(void) {
    const char *called;
    char *path = linked_path();

    if (path)
        return path;
    called = (const char *)getauxval(AT_EXECFN);
    return called ? realpath(called, NULL) : NULL;
}

char *install_root(enum install_depth depth) {
    char *path = own_path();

    if (!path) {
        message("/proc/self/exe", "%s; the toolchain is found through it", strerror(errno));
        return NULL;
    }
    for (int i = 0; i < (int)depth; i++) {
        char *slash = strrchr(path, '/');

        if (!slash) {
            message(path, "not inside a toolchain folder");
            free(path);
            return NULL;
        }
        *slash = '\0';
    }
    return path;
}

char *install_path(const char *root, const char *relative) {
    return must_format("%s/%s", root, relative);
}

static bool is_program(const char *path) {
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* folder[0..length) + name if that is a program, else NULL. */
static char *in_folder(const char *folder, size_t length, const char *name) {
    char *path;

    if (length == 0) /* an empty entry of PATH is the current folder */
        path = must_format("./%s", name);
    else
        path = must_format("%.*s/%s", (int)length, folder, name);
    if (is_program(path))
        return path;
    free(path);
    return NULL;
}

char *path_search(const char *name) {
    const char *folder = getenv("PATH");

    if (strchr(name, '/'))
        return must_copy(name);
    while (folder) {
        const char *end = strchrnul(folder, ':');
        char *path = in_folder(folder, (size_t)(end - folder), name);

        if (path)
            return path;
        folder = *end ? end + 1 : NULL;
    }
    return NULL;
}

/* The folder the user names, or NULL. */
static const char *user_folder(void) {
    const char *folder = getenv("ATMAN_LLVM");

    return folder && *folder ? folder : NULL;
}

char *llvm_tool_find(const char *name) {
    const char *folder = user_folder();
    char *path, *versioned;

    if (folder)
        return in_folder(folder, strlen(folder), name);
    path = in_folder(ATMAN_LLVM_BINDIR, strlen(ATMAN_LLVM_BINDIR), name);
    if (path)
        return path;
    versioned = must_format("%s-%s", name, ATMAN_LLVM_MAJOR);
    path = path_search(versioned);
    free(versioned);
    return path;
}

/* The Debian package that brings a tool. */
static const char *package_of(const char *name) {
    if (strncmp(name, "clang", 5) == 0)
        return "clang-" ATMAN_LLVM_MAJOR;
    if (strcmp(name, "ld.lld") == 0)
        return "lld-" ATMAN_LLVM_MAJOR;
    return "llvm-" ATMAN_LLVM_MAJOR;
}

char *llvm_tool(const char *name) {
    char *path = llvm_tool_find(name);
    const char *folder = user_folder();

    if (path)
        return path;
    if (folder)
        message(name,
                "not found in %s, where ATMAN_LLVM says it is; "
                "unset ATMAN_LLVM, or apt-get install %s",
                folder, package_of(name));
    else
        message(name, "not found in %s, nor as %s-%s in PATH; apt-get install %s",
                ATMAN_LLVM_BINDIR, name, ATMAN_LLVM_MAJOR, package_of(name));
    return NULL;
}
