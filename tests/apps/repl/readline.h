/* SPDX-License-Identifier: MIT */
/* How lua.c reads a line: it lets whoever compiles it define these. */
#ifndef ATMAN_TESTS_REPL_READLINE_H
#define ATMAN_TESTS_REPL_READLINE_H

#include <stdlib.h>

#include "linenoise.h"

#define lua_initreadline(L) ((void)(L))
#define lua_readline(L, b, p) ((void)(L), ((b) = linenoise(p)) != NULL)
#define lua_saveline(L, line) ((void)(L), linenoiseHistoryAdd(line))
#define lua_freeline(L, b) ((void)(L), free(b))

#endif
