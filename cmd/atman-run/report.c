/* SPDX-License-Identifier: MIT */
/*
 * Crash reports: see report.h. A report is held until it is complete so that the symboliser
 * runs once; a guest cannot make us hold more than REPORT_LINES lines.
 */
#include "report.h"

#include "memory.h"
#include "symbols.h"

#include <stdlib.h>
#include <string.h>

#define REPORT_LINES 256

static const char opening[] = "atman: fatal: ";
static const char closing[] = "atman: end of report";
static const char frame[] = "atman:   #";

bool report_frame(const char *line, uint64_t *address) {
    unsigned long number;
    char *end;

    if (strncmp(line, frame, strlen(frame)) != 0)
        return false;
    line += strlen(frame);
    if (*line < '0' || *line > '9')
        return false;
    number = strtoul(line, &end, 10);
    if (strncmp(end, " 0x", 3) != 0 || end[3] == '\0')
        return false;
    *address = strtoull(end + 3, &end, 16);
    if (*end)
        return false;
    if (number > 0 && *address > 0)
        --*address;
    return true;
}

static void print(struct report *report, const char *line, const char *suffix) {
    char *whole = must_format("%s%s", line, suffix);

    report->print(report->context, whole);
    free(whole);
}

/* Prints the held lines; places[] belongs to the frames among them, in order. */
static void print_held(struct report *report, char *const *places) {
    uint64_t address;

    for (size_t i = 0; i < report->held.count; i++) {
        const char *line = report->held.words[i];

        print(report, line, report_frame(line, &address) ? *places++ : "");
    }
}

void report_end(struct report *report) {
    uint64_t addresses[REPORT_LINES];
    char *places[REPORT_LINES] = {NULL};
    const char *failure = NULL;
    size_t count = 0;

    for (size_t i = 0; i < report->held.count; i++)
        count += report_frame(report->held.words[i], &addresses[count]);
    if (count)
        failure = symbols_find(report->image, addresses, count, places);
    print_held(report, places);
    if (failure)
        print(report, "atman-run: no function names: ", failure);
    for (size_t i = 0; i < count; i++)
        free(places[i]);
    argv_free(&report->held);
}

static void print_frame(struct report *report, const char *line, uint64_t address) {
    char *place = NULL;

    symbols_find(report->image, &address, 1, &place);
    print(report, line, place ? place : "");
    free(place);
}

void report_take(struct report *report, const char *line) {
    bool held = report->held.count > 0;
    uint64_t address;

    if (!held && strncmp(line, opening, strlen(opening)) != 0) {
        if (report_frame(line, &address)) /* of a call that is not there */
            print_frame(report, line, address);
        else
            print(report, line, "");
        return;
    }
    argv_push(&report->held, line);
    if (strcmp(line, closing) == 0 || report->held.count == REPORT_LINES)
        report_end(report);
}

void report_xen(struct report *report, const char *lines, const uint64_t *rip) {
    char *place = NULL;

    if (rip)
        symbols_find(report->image, rip, 1, &place);
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");
        char *line = must_copy_part(lines, length);

        print(report, line, place && strncmp(line, "RIP:", 4) == 0 ? place : "");
        free(line);
        lines += length + (lines[length] == '\n');
    }
    free(place);
}
