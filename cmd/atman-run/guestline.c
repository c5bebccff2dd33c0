/* SPDX-License-Identifier: MIT */
/*
 * The guest's command line: see guestline.h.
 */
#include "guestline.h"

#include "memory.h"
#include "quote.h"

#include <stdlib.h>

static void word(struct text *text, const char *value) {
    if (text->length)
        text_adds(text, " ");
    quote_word(text, value);
}

static void pair(struct text *text, const char *key, const char *value) {
    char *both = must_format("%s%s", key, value);

    word(text, both);
    free(both);
}

void guestline_write(struct text *text, const struct guestline *line) {
    if (line->ports) {
        word(text, "atman.ports=1");
        word(text, "atman.rings=1");
    }
    if (line->joined)
        word(text, "atman.join=1");
    if (line->relayed)
        word(text, "atman.relay=1");
    if (line->name)
        pair(text, "atman.name=", line->name);
    if (line->cwd)
        pair(text, "atman.cwd=", line->cwd);
    if (line->zone)
        pair(text, "atman.tz=", line->zone);
    if (line->host)
        pair(text, "atman.hostname=", line->host);
    for (char *const *ip = line->ips; ip && *ip; ip++)
        pair(text, "atman.ip=", *ip);
    if (line->log)
        pair(text, "atman.log=", line->log);
    if (line->trace)
        pair(text, "atman.trace=", line->trace);
    if (line->summary)
        pair(text, "atman.summary=", line->summary);
    if (line->columns > 0 && line->rows > 0)
        text_addf(text, "%satman.tty=%dx%d", text->length ? " " : "", line->columns,
                  line->rows);
    for (char *const *v = line->variables; v && *v; v++)
        pair(text, "atman.env=", *v);
    word(text, "--");
    for (char *const *a = line->arguments; *a; a++)
        word(text, *a);
}
