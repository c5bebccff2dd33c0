/* SPDX-License-Identifier: MIT */
/* Reads what is said of an interface's addresses: see net/setup.h. */
#include "base/string.h"
#include "net/setup.h"

enum { WORD = 64 };

/* Copies what is up to the first of ends, which *text then points at. False: too long. */
static bool next_word(const char **text, const char *ends, char word[WORD]) {
    size_t n = 0;

    for (; (*text)[n]; n++)
        for (const char *e = ends; *e; e++)
            if ((*text)[n] == *e)
                goto found;
found:
    if (n >= WORD)
        return false;
    memcpy(word, *text, n);
    word[n] = 0;
    *text += n;
    return true;
}

/* Up to most; false: it is no number. */
static bool read_number(const char *text, unsigned most, unsigned *number) {
    unsigned n = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || n > most)
            return false;
        n = n * 10 + (unsigned)(*text - '0');
    }
    *number = n;
    return n <= most;
}

/* What went without saying before there were prefixes. */
static unsigned class_bits(const ip4_addr_t *a) {
    unsigned first = ip4_addr1(a);

    return first < 128 ? 8 : first < 192 ? 16 : 24;
}

static void set_mask(struct setup *s, unsigned bits) {
    ip4_addr_set_u32(&s->mask, bits ? lwip_htonl(~0u << (32 - bits)) : 0);
}

/* ADDRESS[/BITS] of ours. */
static bool read_address(struct setup *s, char *word) {
    char *slash = word;
    ip_addr_t a;
    unsigned bits = 64;

    while (*slash && *slash != '/')
        slash++;
    bool has_bits = *slash;
    *slash = 0;
    if (!ipaddr_aton(word, &a) || ip_addr_isany(&a) || ip_addr_ismulticast(&a))
        return false;
    if (has_bits && !read_number(slash + 1, IP_IS_V6(&a) ? 128 : 32, &bits))
        return false;
    if (IP_IS_V6(&a)) {
        bool is_first = ip6_addr_isany(&s->address6);
        ip6_addr_copy(s->address6, *ip_2_ip6(&a));
        return is_first && bits == 64;
    }
    bool is_first = ip4_addr_isany(&s->address);
    ip4_addr_copy(s->address, *ip_2_ip4(&a));
    set_mask(s, has_bits ? bits : class_bits(&s->address));
    return is_first;
}

static bool read_name_server(struct setup *s, const char *word) {
    return s->name_count < SETUP_NAMES && ipaddr_aton(word, &s->names[s->name_count]) &&
           ++s->name_count;
}

static bool read_part(struct setup *s, char *word) {
    if (!strncmp(word, "gw=", 3))
        return ip4addr_aton(word + 3, &s->gateway);
    if (!strncmp(word, "dns=", 4))
        return read_name_server(s, word + 4);
    if (!strcmp(word, "none"))
        return s->is_none = true;
    return !strcmp(word, "dhcp") || read_address(s, word);
}

/* Behind the address: MASK [GATEWAY]. */
static bool read_blanks(struct setup *s, const char *text) {
    char word[WORD];

    for (int i = 0; *text; i++) {
        while (*text == ' ')
            text++;
        if (!next_word(&text, " ", word) || i > 1)
            return false;
        if (!ip4addr_aton(word, i ? &s->gateway : &s->mask))
            return false;
    }
    return true;
}

bool setup_read(struct setup *s, const char *text) {
    char word[WORD];

    memset(s, 0, sizeof *s);
    for (;;) {
        if (!next_word(&text, ",@ ", word) || !read_part(s, word))
            return false;
        if (*text == '@')
            return read_number(text + 1, 255, &s->interface);
        if (*text == ' ')
            return read_blanks(s, text);
        if (!*text)
            return true;
        text++;
    }
}
