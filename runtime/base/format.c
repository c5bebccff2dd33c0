/* SPDX-License-Identifier: MIT */
/* Formatting of the runtime's messages into a buffer; see format.h for what it knows. */
#include "base/format.h"

#include <stdbool.h>

#include "base/string.h"

struct output {
    char *at, *end;
};

struct spec {
    bool zero, is_long;
    unsigned width;
};

static void put(struct output *out, char c) {
    if (out->at < out->end)
        *out->at++ = c;
}

static void put_number(struct output *out, unsigned long v, unsigned base, bool negative,
                       const struct spec *spec) {
    char digits[20];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    if (negative && spec->zero)
        put(out, '-');
    for (unsigned i = n + negative; i < spec->width; i++)
        put(out, spec->zero ? '0' : ' ');
    if (negative && !spec->zero)
        put(out, '-');
    while (n)
        put(out, digits[--n]);
}

static const char *parse_spec(const char *fmt, struct spec *spec) {
    *spec = (struct spec){.zero = *fmt == '0'};
    for (; *fmt >= '0' && *fmt <= '9'; fmt++)
        spec->width = spec->width * 10 + (unsigned)(*fmt - '0');
    if (*fmt == 'l') {
        spec->is_long = true;
        fmt++;
    }
    return fmt;
}

size_t format_v(char *buf, size_t size, const char *fmt, va_list args) {
    struct output out = {buf, buf + size - 1};

    for (; *fmt; fmt++) {
        struct spec spec;

        if (*fmt != '%') {
            put(&out, *fmt);
            continue;
        }
        const char *start = fmt;
        fmt = parse_spec(fmt + 1, &spec);
        switch (*fmt) {
        case 'd': {
            long v = spec.is_long ? va_arg(args, long) : va_arg(args, int);
            put_number(&out, v < 0 ? -(unsigned long)v : (unsigned long)v, 10, v < 0,
                       &spec);
            break;
        }
        case 'u':
        case 'x': {
            unsigned long v =
                spec.is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned);
            put_number(&out, v, *fmt == 'u' ? 10 : 16, false, &spec);
            break;
        }
        case 's':
            for (const char *s = va_arg(args, const char *); *s; s++)
                put(&out, *s);
            break;
        case 'c':
            put(&out, (char)va_arg(args, int));
            break;
        case '%':
            put(&out, '%');
            break;
        default:
            for (const char *s = start; s <= fmt && *s; s++)
                put(&out, *s);
            if (!*fmt)
                fmt--;
        }
    }
    *out.at = '\0';
    return (size_t)(out.at - buf);
}

size_t format(char *buf, size_t size, const char *fmt, ...) {
    va_list args;

    va_start(args, fmt);
    size_t n = format_v(buf, size, fmt, args);
    va_end(args);
    return n;
}
