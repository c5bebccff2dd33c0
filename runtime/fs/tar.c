/* SPDX-License-Identifier: MIT */
/*
 * tar: blocks of 512 bytes, a header's and the data's. What a header has no room for comes
 * before it, as an entry of its own: GNU's long names (types L and K), pax's records (x,
 * and g for all that follow).
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/string.h"
#include "fs/archive_format.h"

enum { BLOCK = 512, PERMISSIONS = 07777, NUMBER = 64 };

/* The header's fields: where, and how many bytes. */
#define NAME 0, 100
#define MODE 100, 8
#define UID 108, 8
#define GID 116, 8
#define SIZE 124, 12
#define MTIME 136, 12
#define SUM 148, 8
#define LINK 157, 100
#define MAJOR 329, 8
#define MINOR 337, 8
#define PREFIX 345, 155
enum { TYPE = 156, MAGIC = 257, SUM_AT = 148, SUM_SIZE = 8 };

/* GNU's binary numbers: big-endian, two's complement from the second highest bit on. */
static bool read_binary(const uint8_t *at, unsigned size, int64_t *value) {
    bool negative = at[0] & 0x40;
    uint64_t n = negative ? ~0ul : 0, top = 0;

    for (unsigned i = 0; i < size; i++) {
        uint64_t byte = i ? at[i] : negative ? at[0] : at[0] & 0x7f;
        if (i + 8 >= size)
            n = n << 8 | byte;
        else
            top |= negative ? 0xff & ~byte : byte;
    }
    *value = (int64_t)n;
    return !top && (*value < 0) == negative;
}

/* Octal, spaces before it, a space or NUL behind it if there is room. Nothing is 0. */
static bool read_octal(const uint8_t *at, unsigned size, int64_t *value) {
    const uint8_t *end = at + size;
    uint64_t n = 0;

    while (at < end && *at == ' ')
        at++;
    for (; at < end && *at >= '0' && *at <= '7'; at++)
        n = n << 3 | (*at - '0'); /* 12 digits at most */
    *value = (int64_t)n;
    return at == end || !*at || *at == ' ';
}

static bool read_number(const struct archive *archive, unsigned at, unsigned size,
                        int64_t *value) {
    const uint8_t *field = archive->header + at;

    return (*field & 0x80 ? read_binary : read_octal)(field, size, value);
}

/* One of the numbers that fit 32 bits and are not negative. */
static bool read_small(const struct archive *archive, unsigned at, unsigned size,
                       unsigned *value) {
    int64_t n;

    if (!read_number(archive, at, size, &n) || n < 0 || n > UINT32_MAX)
        return false;
    *value = (unsigned)n;
    return true;
}

/* Old programs added up signed bytes. */
static bool has_sum(const struct archive *archive) {
    int64_t wanted, plain = 0, odd = 0;

    for (unsigned i = 0; i < BLOCK; i++) {
        bool own = i - SUM_AT < SUM_SIZE;
        plain += own ? ' ' : archive->header[i];
        odd += own ? ' ' : (int8_t)archive->header[i];
    }
    return read_octal(archive->header + SUM_AT, SUM_SIZE, &wanted) &&
           (wanted == plain || wanted == odd);
}

static bool is_zero_block(const struct archive *archive) {
    for (unsigned i = 0; i < BLOCK; i++)
        if (archive->header[i])
            return false;
    return true;
}

/* Copies a field that may be full, without NUL. Returns the end of the copy. */
static char *copy_field(char *to, const struct archive *archive, unsigned at,
                        unsigned size) {
    for (unsigned i = 0; i < size && archive->header[at + i]; i++)
        *to++ = (char)archive->header[at + i];
    *to = 0;
    return to;
}

/* Only POSIX's format has a prefix; GNU's has times there. */
static void take_names(struct archive *archive) {
    char *to = archive->name;

    if (!archive->has_target)
        copy_field(archive->target, archive, LINK);
    if (archive->has_name)
        return;
    if (!memcmp(archive->header + MAGIC, "ustar", 6)) {
        to = copy_field(to, archive, PREFIX);
        if (to > archive->name)
            *to++ = '/';
    }
    copy_field(to, archive, NAME);
}

static const struct archive_override *which(const struct archive *archive, size_t has) {
    const bool *own = (const bool *)((const char *)&archive->own + has);
    const bool *global = (const bool *)((const char *)&archive->global + has);

    return *own ? &archive->own : *global ? &archive->global : NULL;
}
#define OVERRIDE(archive, member)                                                          \
    which(archive, offsetof(struct archive_override, has_##member))

static bool read_attributes(const struct archive *archive, struct archive_entry *entry) {
    const struct archive_override *other;

    if (!read_small(archive, MODE, &entry->mode) ||
        !read_small(archive, UID, &entry->uid) || !read_small(archive, GID, &entry->gid) ||
        !read_number(archive, MTIME, &entry->mtime))
        return false;
    entry->mode &= PERMISSIONS;
    if ((other = OVERRIDE(archive, uid)))
        entry->uid = other->uid;
    if ((other = OVERRIDE(archive, gid)))
        entry->gid = other->gid;
    if ((other = OVERRIDE(archive, mtime))) {
        entry->mtime = other->mtime;
        entry->mtime_ns = other->mtime_ns;
    }
    return true;
}

static bool read_size(const struct archive *archive, uint64_t *size) {
    int64_t n;

    if (!read_number(archive, SIZE, &n) || n < 0)
        return false;
    *size = (uint64_t)n;
    return true;
}

static bool read_device(const struct archive *archive, struct archive_entry *entry) {
    return read_small(archive, MAJOR, &entry->major) &&
           read_small(archive, MINOR, &entry->minor);
}

static bool ends_in_slash(const char *name) {
    size_t n = strlen(name);

    return n && name[n - 1] == '/';
}

/* Completes the entry by its type; -EINVAL: no such type. */
static int apply_type(struct archive *archive, struct archive_entry *entry) {
    switch (archive->header[TYPE]) {
    case 0:
    case '0':
    case '7':
        /* Before there was a type for folders, the name told. */
        entry->mode |= ends_in_slash(archive->name) ? S_IFDIR : S_IFREG;
        return 0;
    case '1':
        entry->mode = 0;
        entry->hard_link = true;
        return 0;
    case '2':
        entry->mode |= S_IFLNK;
        return 0;
    case '3':
    case '4':
        entry->mode |= archive->header[TYPE] == '3' ? S_IFCHR : S_IFBLK;
        return read_device(archive, entry)
                   ? 0
                   : archive_fail(archive, "a device number in its header is none");
    case '5':
    case 'D':
        entry->mode |= S_IFDIR;
        return 0;
    case '6':
        entry->mode |= S_IFIFO;
        return 0;
    case 'S':
        return archive_fail(archive, "a sparse file, which cannot be read; tar without -S");
    default:
        return archive_fail(archive, "an unknown type of file");
    }
}

static int read_file(struct archive *archive, uint64_t size) {
    struct archive_entry entry = {0};

    if (archive->own.has_size)
        size = archive->own.size;
    take_names(archive);
    if (!read_attributes(archive, &entry))
        return archive_fail(archive, "a number in its header is none, or too large");
    int error = apply_type(archive, &entry);
    if (error)
        return error;
    error = archive_deliver(archive, &entry, entry.hard_link ? 0 : size);
    archive->has_name = archive->has_target = false;
    archive->own = (struct archive_override){0};
    if (error || (error = archive_align(archive, BLOCK)))
        return error;
    archive->number++;
    return 0;
}

/* A whole number without sign at *s, which is moved behind it. */
static bool read_decimal(const char **s, uint64_t *value) {
    const char *start = *s;
    uint64_t n = 0;

    for (; **s >= '0' && **s <= '9'; ++*s) {
        if (n > (INT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (uint64_t)(**s - '0');
    }
    *value = n;
    return *s > start;
}

static bool read_id(const char *s, unsigned *id) {
    uint64_t n;

    if (!read_decimal(&s, &n) || *s || n > UINT32_MAX)
        return false;
    *id = (unsigned)n;
    return true;
}

/* Seconds, with a sign and a fraction perhaps; rounded down. */
static bool read_time(const char *s, struct archive_override *to) {
    bool negative = *s == '-', more = false;
    uint64_t seconds;
    uint32_t ns = 0, unit = NS_PER_SEC / 10;

    s += negative;
    if (!read_decimal(&s, &seconds))
        return false;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++, unit /= 10) {
            ns += unit * (uint32_t)(*s - '0');
            more |= !unit && *s != '0';
        }
    to->mtime = negative ? -(int64_t)seconds : (int64_t)seconds;
    ns += negative && more;
    if (negative && ns) {
        to->mtime--;
        ns = NS_PER_SEC - ns;
    }
    to->mtime_ns = ns;
    return !*s;
}

/* A number's value, as text, into what it overrides; an empty one overrides nothing. */
static bool apply_number(struct archive_override *to, const char *key, const char *value) {
    const char *s = value;

    if (!strcmp(key, "size"))
        return !(to->has_size = *value) || (read_decimal(&s, &to->size) && !*s);
    if (!strcmp(key, "uid"))
        return !(to->has_uid = *value) || read_id(value, &to->uid);
    if (!strcmp(key, "gid"))
        return !(to->has_gid = *value) || read_id(value, &to->gid);
    return !(to->has_mtime = *value) || read_time(value, to);
}

static int take_pax_name(struct archive *archive, char *name, bool *has, uint64_t size) {
    if (size >= ARCHIVE_NAME)
        return archive_fail(archive, "a name of more than 4095 bytes");
    int error = archive_take(archive, name, size);
    name[error ? 0 : size] = 0;
    if (!error && strlen(name) != size)
        return archive_fail(archive, "a zero byte in a name");
    *has = size > 0;
    return error;
}

static int take_value(struct archive *archive, const char *key, uint64_t size,
                      bool global) {
    bool path = !strcmp(key, "path"), link = !strcmp(key, "linkpath");
    char value[NUMBER];

    if (!strncmp(key, "GNU.sparse.", 11))
        return archive_fail(archive, "a sparse file, which cannot be read; tar without -S");
    if (global && (path || link || !strcmp(key, "size")))
        return archive_fail(archive, "a name or size for all files that follow");
    if (path)
        return take_pax_name(archive, archive->name, &archive->has_name, size);
    if (link)
        return take_pax_name(archive, archive->target, &archive->has_target, size);
    if (strcmp(key, "size") && strcmp(key, "uid") && strcmp(key, "gid") &&
        strcmp(key, "mtime"))
        return archive_take(archive, NULL, size);
    if (size >= sizeof value)
        return archive_fail(archive, "a number in its pax header is too long");
    int error = archive_take(archive, value, size);
    if (error)
        return error;
    value[size] = 0;
    if (!apply_number(global ? &archive->global : &archive->own, key, value))
        return archive_fail(archive, "a number in its pax header is none, or too large");
    return 0;
}

/* Up to a byte that ends it; what does not fit is left out. Decreases *left. */
static int take_until(struct archive *archive, char end, char *text, size_t room,
                      uint64_t *left) {
    size_t n = 0;

    for (;;) {
        char c;
        if (!*left)
            return archive_fail(archive, "its pax header is broken");
        int error = archive_take(archive, &c, 1);
        if (error)
            return error;
        --*left;
        if (c == end)
            break;
        if (n + 1 < room)
            text[n++] = c;
    }
    text[n] = 0;
    return 0;
}

/* "LENGTH KEY=VALUE\n", the length being that of all of it. */
static int take_record(struct archive *archive, uint64_t *left, bool global) {
    char length[24], key[32], newline;
    const char *s = length;
    uint64_t before = *left, size, head;
    int error = take_until(archive, ' ', length, sizeof length, left);

    if (error)
        return error;
    head = before - *left;
    if (!read_decimal(&s, &size) || *s || size <= head + 1 || size > before)
        return archive_fail(archive, "its pax header is broken");
    uint64_t rest = size - head - 1; /* key, equals sign and value */
    *left = before - size;
    if ((error = take_until(archive, '=', key, sizeof key, &rest)) ||
        (error = take_value(archive, key, rest, global)) ||
        (error = archive_take(archive, &newline, 1)))
        return error;
    return newline == '\n' ? 0 : archive_fail(archive, "its pax header is broken");
}

static int read_pax(struct archive *archive, uint64_t size) {
    bool global = archive->header[TYPE] == 'g';
    int error = 0;

    while (size && !error)
        error = take_record(archive, &size, global);
    return error;
}

static int read_long_name(struct archive *archive, uint64_t size) {
    bool link = archive->header[TYPE] == 'K';

    *(link ? &archive->has_target : &archive->has_name) = true;
    return archive_take_text(archive, link ? archive->target : archive->name, size);
}

/* What comes before a file's own header has no data of its own to deliver. */
static int read_member(struct archive *archive) {
    uint64_t size;
    int error;

    if (!archive->has_name)
        archive->name[0] = 0;
    if (!read_size(archive, &size))
        return archive_fail(archive, "its size is no number, or too large");
    switch (archive->header[TYPE]) {
    case 'L':
    case 'K':
        error = read_long_name(archive, size);
        break;
    case 'x':
    case 'g':
        error = read_pax(archive, size);
        break;
    case 'V': /* the archive's own name */
        error = archive_take(archive, NULL, size);
        break;
    default:
        return read_file(archive, size);
    }
    return error ? error : archive_align(archive, BLOCK);
}

int archive_read_tar(struct archive *archive) {
    bool first = true;
    int error;

    archive->has_name = archive->has_target = false;
    archive->own = archive->global = (struct archive_override){0};
    for (size_t begin = ARCHIVE_MAGIC;; begin = 0, first = false) {
        error = archive_take(archive, archive->header + begin, BLOCK - begin);
        if (error && !first)
            archive->number--; /* there is no mark of the end behind that one */
        if (error)
            return error;
        if (is_zero_block(archive)) {
            if (archive->has_name || archive->has_target)
                return archive_fail(archive, "the archive ends in the midst of it");
            return 0;
        }
        if (!has_sum(archive) && first)
            return archive_fail(archive, "neither cpio nor tar");
        if (!has_sum(archive)) {
            archive->number--; /* the one before, whose name is still there */
            return archive_fail(archive, "what is behind it is no header: cut or damaged");
        }
        if ((error = read_member(archive)))
            return error;
    }
}
