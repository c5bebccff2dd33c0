/* SPDX-License-Identifier: MIT */
/*
 * Finding things: the toolchain folder from the running program, tools through ATMAN_LLVM
 * and PATH.
 */
#include "install.h"
#include "memory.h"
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/atman install-XXXXXX";

/* A program of this name in the folder. */
static char *make_tool(const char *name, mode_t mode) {
    char *path;
    FILE *file;

    if (folder[sizeof folder - 2] == 'X')
        CHECK(mkdtemp(folder) != NULL);
    path = must_format("%s/%s", folder, name);
    file = fopen(path, "w");
    fclose(file);
    chmod(path, mode);
    return path;
}

static void drop_tool(char *path) {
    unlink(path);
    free(path);
    rmdir(folder);
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
}

TEST(root_is_above_the_program) {
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    char *root = install_root(INSTALL_BIN);
    char *deeper = install_root(INSTALL_LIBEXEC);
    size_t root_length, deeper_length;

    CHECK(length > 0 && root && deeper);
    self[length] = '\0';
    root_length = strlen(root);
    deeper_length = strlen(deeper);
    CHECK(strncmp(self, root, root_length) == 0);
    CHECK(strncmp(self, deeper, deeper_length) == 0);
    /* Two names below the one, three below the other. */
    CHECK_TEXT(strchr(strchr(self + root_length, '/') + 1, '/'), strrchr(self, '/'));
    CHECK(deeper_length < root_length && !strchr(root + deeper_length + 1, '/'));
    free(root);
    free(deeper);
}

TEST(path) {
    char *path = install_path("/my tools", "lib/atman/version");

    CHECK_TEXT(path, "/my tools/lib/atman/version");
    free(path);
}

TEST(explicit_folder_is_the_only_one) {
    char *tool = make_tool("clang", 0755), *found;

    setenv("ATMAN_LLVM", folder, 1);
    found = llvm_tool_find("clang");
    CHECK_TEXT(found, tool);
    free(found);
    CHECK_TEXT(llvm_tool_find("ld.lld"), NULL);
    CHECK_TEXT(llvm_tool("ld.lld"), NULL);
    unsetenv("ATMAN_LLVM");
    drop_tool(tool);
}

TEST(empty_variable_counts_as_unset) {
    char *unset, *empty;

    unsetenv("ATMAN_LLVM");
    unset = llvm_tool_find("clang");
    setenv("ATMAN_LLVM", "", 1);
    empty = llvm_tool_find("clang");
    CHECK(unset != NULL);
    CHECK_TEXT(empty, unset);
    unsetenv("ATMAN_LLVM");
    free(unset);
    free(empty);
}

TEST(path_search_wants_executable_files) {
    char *plain = make_tool("atman test tool", 0644), *value, *found;
    char *before = must_copy(getenv("PATH"));

    value = must_format("/nonexistent::%s", folder);
    setenv("PATH", value, 1);
    CHECK_TEXT(path_search("atman test tool"), NULL);
    chmod(plain, 0755);
    found = path_search("atman test tool");
    CHECK_TEXT(found, plain);
    free(found);
    found = path_search("./some/path");
    CHECK_TEXT(found, "./some/path");
    free(found);
    unsetenv("PATH");
    CHECK_TEXT(path_search("sh"), NULL);
    setenv("PATH", before, 1);
    free(before);
    free(value);
    drop_tool(plain);
}

TEST(versioned_names_in_path_are_the_last_resort) {
    char *tool = make_tool("atman-no-such-tool-" ATMAN_LLVM_MAJOR, 0755), *found;
    char *before = must_copy(getenv("PATH"));

    setenv("PATH", folder, 1);
    found = llvm_tool_find("atman-no-such-tool");
    CHECK_TEXT(found, tool);
    free(found);
    setenv("PATH", before, 1);
    free(before);
    drop_tool(tool);
}
