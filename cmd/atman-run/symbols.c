/* SPDX-License-Identifier: MIT */
/*
 * From addresses to functions and lines: see symbols.h. All addresses of a report are asked
 * for in one run of the tool, which reads the image's debug information once.
 */
#include "symbols.h"

#include "install.h"
#include "memory.h"
#include "process.h"

#include <stdlib.h>
#include <string.h>

/* The length of the line at p, without its end. */
static size_t line_length(const char *p) {
    return strcspn(p, "\n");
}

/* Where the next line begins; the end of the text is its own next line. */
static const char *next_line(const char *p) {
    p += line_length(p);
    return *p ? p + 1 : p;
}

/* FILE:LINE without the column that the tool appends; 0 if the line is not known. */
static size_t place_length(const char *place) {
    size_t length = line_length(place);

    while (length && place[length - 1] != ':')
        length--;
    if (length == 0 || place[0] == '?')
        return 0;
    length--;
    return length > 2 && memcmp(place + length - 2, ":0", 2) == 0 ? 0 : length;
}

static char *describe(const char *function, const char *place) {
    size_t length = place_length(place);

    if (line_length(function) == 0 || strncmp(function, "??", 2) == 0)
        return must_copy("");
    if (length == 0)
        return must_format(" in %.*s", (int)line_length(function), function);
    return must_format(" in %.*s at %.*s", (int)line_length(function), function,
                       (int)length, place);
}

void symbols_parse(const char *answer, size_t count, char **places) {
    for (size_t i = 0; i < count; i++) {
        places[i] = describe(answer, next_line(answer));
        while (*answer && *answer != '\n')
            answer = next_line(answer);
        answer = next_line(answer);
    }
}

const char *symbols_find(const char *image, const uint64_t *addresses, size_t count,
                         char **places) {
    struct argv command = ARGV_EMPTY;
    char *tool = llvm_tool_find("llvm-symbolizer");
    char *answer = NULL;
    int status = 0;

    symbols_parse("", count, places);
    if (!tool)
        return "llvm-symbolizer was not found; apt-get install llvm-19";
    argv_push(&command, tool);
    free(tool);
    argv_push(&command, "--output-style=LLVM");
    argv_push(&command, "--no-debuginfod"); /* no network, whatever the environment says */
    argv_pushf(&command, "--obj=%s", image);
    for (size_t i = 0; i < count; i++)
        argv_pushf(&command, "0x%llx", (unsigned long long)addresses[i]);
    if (process_capture(&command, &answer, &status) == 0 && status == 0) {
        for (size_t i = 0; i < count; i++)
            free(places[i]);
        symbols_parse(answer, count, places);
    } else {
        status = -1;
    }
    free(answer);
    argv_free(&command);
    return status == 0 ? NULL : "llvm-symbolizer could not read the image";
}
