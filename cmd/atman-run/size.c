/* SPDX-License-Identifier: MIT */
/*
 * Amounts on the command line: see size.h. strtoul() is not used because it takes signs,
 * spaces and overflow in silence.
 */
#include "size.h"

#define YEAR_SECONDS (366u * 24 * 3600)

/* Reads digits from *text on and moves it behind them. False without a digit, and above
 * limit. */
static bool digits(const char **text, uint64_t limit, uint64_t *value) {
    const char *p = *text;
    uint64_t sum = 0;

    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        sum = sum * 10 + (uint64_t)(*p - '0');
        if (sum > limit)
            return false;
    }
    *text = p;
    *value = sum;
    return true;
}

/* Kibibytes in one of the unit that the letter stands for; 0 for no such unit. */
static uint64_t unit_kib(char letter) {
    switch (letter) {
    case 'K':
    case 'k':
        return 1;
    case 'M':
    case 'm':
        return 1024;
    case 'G':
    case 'g':
        return UINT64_C(1024) * 1024;
    default:
        return 0;
    }
}

bool size_parse(const char *text, uint64_t *kib) {
    uint64_t number, unit = 1024;

    if (!digits(&text, SIZE_MAX_KIB, &number))
        return false;
    if (*text) {
        unit = unit_kib(*text++);
        if (unit == 0 || *text)
            return false;
    }
    if (number == 0 || number > SIZE_MAX_KIB / unit)
        return false;
    *kib = number * unit;
    return true;
}

bool seconds_parse(const char *text, int64_t *milliseconds) {
    uint64_t whole = 0, part = 0;
    unsigned scale = 100;
    bool rest = false;

    if (*text != '.' && !digits(&text, YEAR_SECONDS, &whole))
        return false;
    if (*text == '.') {
        if (*++text == '\0')
            return false;
        for (; *text >= '0' && *text <= '9'; text++, scale /= 10) {
            part += (uint64_t)(*text - '0') * scale;
            rest |= scale == 0 && *text != '0';
        }
    }
    if (*text || whole * 1000 + part + rest == 0)
        return false;
    *milliseconds = (int64_t)(whole * 1000 + part + rest);
    return true;
}

bool count_parse(const char *text, unsigned low, unsigned high, unsigned *count) {
    uint64_t number;

    if (!digits(&text, high, &number) || *text || number < low)
        return false;
    *count = (unsigned)number;
    return true;
}
