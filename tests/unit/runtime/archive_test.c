/* SPDX-License-Identifier: MIT */
/*
 * fs/archive.c, cpio.c, tar.c: archives made by the build host's own tar and cpio, and made
 * by hand where those would not. Every archive is read in place and in pieces, and cut off
 * at every length.
 */
#include "archives.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/archive.h"
#include "require.h"
#include "test.h"

/* An archive that grows. It is freed by use(). */
static struct {
    char *data;
    size_t size;
} made;

static void add(const void *bytes, size_t n) {
    made.data = realloc(made.data, made.size + n + 1);
    memcpy(made.data + made.size, bytes, n);
    made.size += n;
}

static void add_zeros(size_t n) {
    char *zeros = calloc(1, n + 1);

    add(zeros, n);
    free(zeros);
}

static void align(size_t unit) {
    add_zeros(-made.size & (unit - 1));
}

/* What a command writes. */
static void add_output(const char *command) {
    FILE *pipe = popen(command, "r");
    char buffer[4096];
    size_t n;

    REQUIRE(pipe);
    while ((n = fread(buffer, 1, sizeof buffer, pipe)))
        add(buffer, n);
    REQUIRE(pclose(pipe) == 0);
}

static void drop(void) {
    free(made.data);
    made.data = NULL;
    made.size = 0;
}

/* A part of an archive is an error, and what it delivers is the beginning of what the whole
 * one does. Where it ends between two archives it is whole. */
static void check_cuts(const char *whole, size_t wholes) {
    size_t good = 0, step = made.size > 20000 ? 61 : 1;

    for (size_t n = 0; n < made.size; n += step) {
        char *part = memcpy(malloc(n + 1), made.data, n);
        struct listing listing = list_archive(part, n, n % 3 ? n % 3 * 37 : 0, false);
        good += !listing.error;
        REQUIRE(!strncmp(listing.text, whole, strlen(listing.text)));
        free(listing.text);
        free(part);
    }
    if (wholes != SIZE_MAX)
        CHECK_EQ(good, wholes);
}

/* Reads what was made. wholes: how many of its beginnings are archives (the empty one, and
 * with zeros at the end), SIZE_MAX: not looked at. */
static void use(const char *wanted, bool times, size_t wholes) {
    static const size_t pieces[] = {0, 1, 7, 512, 4096, 1 << 20};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct listing listing = list_archive(made.data, made.size, pieces[i], times);
        CHECK_EQ(listing.error, 0);
        CHECK_TEXT(listing.reason, NULL);
        CHECK_TEXT(listing.text, wanted);
        free(listing.text);
    }
    if (!times)
        check_cuts(wanted, wholes);
    drop();
}

/* What was made is wrong in the entry of that number and name; before that it lists. */
static void refuse(const char *before, unsigned number, const char *name,
                   const char *reason) {
    static const size_t pieces[] = {0, 1, 100};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct listing listing = list_archive(made.data, made.size, pieces[i], false);
        CHECK_EQ(listing.error, -EINVAL);
        CHECK_TEXT(listing.reason, reason);
        CHECK_TEXT(listing.name, name);
        CHECK_EQ(listing.number, number);
        CHECK_TEXT(listing.text, before);
        free(listing.text);
    }
    drop();
}

/* cpio by hand. */

struct cpio {
    unsigned inode, mode, links, size, check, name_size; /* name_size 0: the name's own */
    const char *magic, *name, *data;
};

static void add_cpio(struct cpio c) {
    char header[111];
    unsigned name_size = c.name_size ? c.name_size : (unsigned)strlen(c.name) + 1;
    unsigned size = c.size ? c.size : c.data ? (unsigned)strlen(c.data) : 0;

    snprintf(header, sizeof header,
             "%s%08X%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
             c.magic ? c.magic : "070701", c.inode, c.mode, 1u, 2u, c.links, 77u, size, 3u,
             4u, 5u, 6u, name_size, c.check);
    add(header, 110);
    add(c.name, strlen(c.name) + 1);
    if (name_size > strlen(c.name) + 1)
        add_zeros(name_size - strlen(c.name) - 1);
    align(4);
    if (c.data)
        add(c.data, strlen(c.data));
    align(4);
}

static void add_trailer(void) {
    add_cpio((struct cpio){.name = "TRAILER!!!"});
}

TEST(newc) {
    add_cpio((struct cpio){.mode = S_IFDIR | 0755, .name = "."});
    add_cpio((struct cpio){.mode = S_IFDIR | 01777, .name = "./tmp/"});
    add_cpio((struct cpio){.mode = S_IFREG | 0644, .name = "tmp//./a", .data = "abcde"});
    add_cpio((struct cpio){.mode = S_IFLNK | 0777, .name = "l", .data = "/../etc"});
    add_cpio((struct cpio){.mode = S_IFCHR | 0600, .name = "null"});
    add_cpio((struct cpio){.mode = S_IFIFO | 0600, .name = "fifo"});
    add_cpio((struct cpio){.mode = S_IFREG | 04755, .name = "0", .inode = 9, .links = 2});
    add_cpio((struct cpio){
        .mode = S_IFREG | 04755, .name = "1", .inode = 9, .links = 2, .data = "x"});
    add_trailer();
    use("d0755 1:2 0 .\nd1777 1:2 0 tmp\n-0644 1:2 5(0584f463) tmp/a\n"
        "l0777 1:2 0 l -> /../etc\nc0600 1:2 0 5,6 null\np0600 1:2 0 fifo\n"
        "-4755 1:2 0 0 (2 links)\n-4755 1:2 1(00000078) 1 (2 links)\n",
        false, 1);
}

TEST(several) {
    add_zeros(8);
    add_cpio((struct cpio){.mode = S_IFREG, .name = "a"});
    add_trailer();
    add_zeros(512);
    add_cpio((struct cpio){.mode = S_IFREG, .name = "b"});
    add_trailer();
    add_zeros(5);
    /* 9 of zeros before, 513 between, and at the end. */
    use("-0000 1:2 0 a\n-0000 1:2 0 b\n", false, 9 + 513 + 5);
}

TEST(a_padded_name) {
    add_cpio(
        (struct cpio){.mode = S_IFREG, .name = "a", .name_size = 4096 - 110, .data = "x"});
    add_cpio((struct cpio){.mode = S_IFREG, .name = "b", .name_size = 9000, .data = "y"});
    add_trailer();
    use("-0000 1:2 1(00000078) a\n-0000 1:2 1(00000079) b\n", false, 1);
}

TEST(crc) {
    add_cpio((struct cpio){
        .magic = "070702", .mode = S_IFREG, .name = "a", .data = "ab", .check = 'a' + 'b'});
    add_cpio((struct cpio){.magic = "070702", .mode = S_IFREG, .name = "b", .data = "ab"});
    add_trailer();
    /* In pieces the file is delivered before its sum is known. */
    struct listing listing = list_archive(made.data, made.size, 0, false);
    CHECK_TEXT(listing.text, "-0000 1:2 2(00000c21) a\n");
    CHECK_TEXT(listing.reason, "its data do not have its checksum");
    CHECK_TEXT(listing.name, "b");
    CHECK_EQ(listing.number, 2);
    free(listing.text);
    listing = list_archive(made.data, made.size, 3, false);
    CHECK_TEXT(listing.reason, "its data do not have its checksum");
    CHECK_TEXT(listing.name, "b");
    free(listing.text);
    drop();
}

/* "a" goes before, then what is wrong. */
static void refuse_cpio(struct cpio c, const char *name, const char *reason) {
    add_cpio((struct cpio){.mode = S_IFREG, .name = "a"});
    add_cpio(c);
    add_trailer();
    refuse("-0000 1:2 0 a\n", 2, name, reason);
}

static char *repeat(const char *text, size_t n) {
    char *all = calloc(n, strlen(text) + 1);

    while (n--)
        strcat(all, text);
    return all;
}

TEST(bad_cpio) {
    char *wide = repeat("x", 256), *deep = repeat("ab/", 1366), *most = repeat("ab/", 1364);
    struct cpio file = {.mode = S_IFREG};

    file.name = "/etc/passwd";
    refuse_cpio(file, "/etc/passwd", "an absolute name");
    file.name = "b/../../c";
    refuse_cpio(file, "b/../../c", "a name with .. in it");
    file.name = "..";
    refuse_cpio(file, "..", "a name with .. in it");
    file.name = "";
    refuse_cpio(file, "", "an empty name");
    file.name = ".";
    refuse_cpio(file, ".", "the root must be a folder");
    file.name = wide;
    refuse_cpio(file, wide, "a part of its name has more than 255 bytes");
    file.name = deep;
    deep[4095] = 0;
    CHECK_EQ(strlen(deep), 4095);
    refuse_cpio((struct cpio){.mode = 0, .name = deep}, deep, "an unknown type of file");
    deep[4095] = '/';
    {
        char *cut = strndup(deep, 4095);
        refuse_cpio(file, cut, "a name of more than 4095 bytes");
        free(cut);
    }
    file.name = "long";
    file.name_size = 5;
    file.size = 0x7fffffff;
    refuse_cpio(file, "long", "the archive ends in the midst of it");
    refuse_cpio((struct cpio){.mode = 0170000, .name = "type"}, "type",
                "an unknown type of file");
    refuse_cpio((struct cpio){.mode = 0x10000 | S_IFREG, .name = "type"}, "type",
                "an unknown type of file");
    refuse_cpio((struct cpio){.mode = S_IFLNK, .name = "link"}, "link",
                "a link to nothing");
    refuse_cpio((struct cpio){.mode = S_IFLNK, .name = "link", .data = most, .size = 4096},
                "link", "a link to a name of more than 4095 bytes");
    refuse_cpio((struct cpio){.mode = S_IFREG, .name = "size", .name_size = 4}, "size",
                "its name does not end");
    refuse_cpio((struct cpio){.magic = "070703", .mode = S_IFREG, .name = "magic"}, "",
                "what should be its header is none");
    add_cpio((struct cpio){.mode = S_IFREG, .name = "digit"});
    made.data[30] = 'g';
    refuse("", 1, "", "a number in its header is none");
    add_cpio((struct cpio){.mode = S_IFREG, .name = "di"});
    made.data[6] = ' ';
    refuse("", 1, "", "a number in its header is none");
    add("hello, world, this is no archive", 32);
    add_zeros(1000);
    refuse("", 1, "", "neither cpio nor tar");
    add_cpio((struct cpio){.mode = S_IFREG, .name = "a"});
    add_trailer();
    add("behind", 6);
    add_zeros(1000);
    refuse("-0000 1:2 0 a\n", 2, "", "neither cpio nor tar");
    free(wide);
    free(deep);
    free(most);
}

/* tar by hand. */

struct tar {
    const char *name, *link, *prefix, *magic;
    const char *mtime, *size_text; /* as they stand there */
    char type;
    const char *data;
    size_t size; /* 0: data's */
    bool bad_sum;
};

static void add_tar(struct tar t) {
    unsigned char h[512] = {0};
    size_t size = t.size ? t.size : t.data ? strlen(t.data) : 0;
    unsigned sum = 0;

    strncpy((char *)h, t.name, 100);
    memcpy(h + 100,
           "0000644\0"
           "0000003\0"
           "0000004",
           23);
    snprintf((char *)h + 124, 12, "%011zo", size);
    memcpy(h + 136, "00000000115", 11);
    if (t.size_text)
        memcpy(h + 124, t.size_text, 12);
    if (t.mtime)
        memcpy(h + 136, t.mtime, 12);
    h[156] = (unsigned char)t.type;
    if (t.link)
        strncpy((char *)h + 157, t.link, 100);
    memcpy(h + 257,
           t.magic ? t.magic
                   : "ustar\0"
                     "00",
           8);
    if (t.prefix)
        strncpy((char *)h + 345, t.prefix, 155);
    memset(h + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum + t.bad_sum);
    add(h, 512);
    if (t.data)
        add(t.data, size);
    align(512);
}

static void end_tar(void) {
    add_zeros(1024);
}

TEST(tar) {
    char *hundred = repeat("n", 100), *prefix = repeat("p", 155), *wanted;

    add_tar((struct tar){.name = "./", .type = '5'});
    add_tar((struct tar){.name = "a", .type = '0', .data = "abcde"});
    add_tar((struct tar){.name = "old/"});
    add_tar((struct tar){.name = "v7", .magic = "\0\0\0\0\0\0\0", .prefix = "no"});
    add_tar((struct tar){.name = "h", .type = '1', .link = "./a"});
    add_tar((struct tar){.name = "s", .type = '2', .link = "../../x"});
    add_tar((struct tar){.name = "p", .type = '6'});
    add_tar((struct tar){.name = "c", .type = '3'});
    add_tar((struct tar){.name = hundred, .prefix = prefix, .type = '7'});
    end_tar();
    REQUIRE(asprintf(&wanted,
                     "d0644 3:4 0 .\n-0644 3:4 5(0584f463) a\nd0644 3:4 0 old\n"
                     "-0644 3:4 0 v7\nh0000 3:4 0 h -> a\nl0644 3:4 0 s -> ../../x\n"
                     "p0644 3:4 0 p\nc0644 3:4 0 0,0 c\n-0644 3:4 0 %s/%s\n",
                     prefix, hundred) > 0);
    use(wanted, false, 1 + 512);
    free(wanted);
    free(hundred);
    free(prefix);
}

TEST(binary_numbers) {
    add_tar((struct tar){.name = "a",
                         .mtime = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"});
    add_tar((struct tar){.name = "b", .mtime = "\x80\0\0\0\0\0\0\1\0\0\0\2"});
    add_tar((struct tar){
        .name = "c", .data = "xyz", .size_text = "\x80\0\0\0\0\0\0\0\0\0\0\3"});
    end_tar();
    use("-0644 3:4 0 -2.000000000 a\n-0644 3:4 0 4294967298.000000000 b\n"
        "-0644 3:4 3(0001d199) 77.000000000 c\n",
        true, 0);
    add_tar((struct tar){.name = "b", .mtime = "\x80\0\0\1\0\0\0\0\0\0\0\0"});
    refuse("", 1, "b", "a number in its header is none, or too large");
    add_tar((struct tar){.name = "b", .mtime = "\x80\0\0\0\x80\0\0\0\0\0\0\0"});
    refuse("", 1, "b", "a number in its header is none, or too large");
    add_tar((struct tar){.name = "b",
                         .size_text = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"});
    refuse("", 1, "", "its size is no number, or too large");
    add_tar((struct tar){.name = "b", .size_text = "\x80\0\0\0\x7f\xff\xff\xff\0\0\0\0"});
    end_tar();
    refuse("", 1, "b", "the archive ends in the midst of it");
}

/* A pax header with these records, each "key=value". */
static void add_pax(char type, const char *const *records) {
    char all[8192] = "";

    for (; *records; records++) {
        size_t n = strlen(*records) + 3, digits = 1;
        for (size_t m = n; m >= 10; m /= 10)
            digits++;
        n += digits - 1;
        if (snprintf(NULL, 0, "%zu", n) > (int)digits)
            n++;
        sprintf(all + strlen(all), "%zu %s\n", n, *records);
    }
    add_tar((struct tar){.name = "PaxHeaders/x", .type = type, .data = all});
}
#define PAX(type, ...) add_pax(type, (const char *const[]){__VA_ARGS__, NULL})

TEST(pax) {
    char *deep = repeat("dir/", 60), *record, *wanted;

    REQUIRE(asprintf(&record, "path=%sfile", deep) > 0);
    PAX('g', "comment=nothing", "mtime=5.25", "uid=1000");
    PAX('x', record, "mtime=-1.5", "SCHILY.xattr.user.x=y=z", "gid=4294967295");
    add_tar((struct tar){.name = "short", .data = "abcde"});
    PAX('x', "size=2", "linkpath=elsewhere", "mtime=7.1234567899", "ctime=1");
    add_tar((struct tar){.name = "b", .size_text = "77777777777\0", .data = "ab"});
    PAX('x', "linkpath=far", "uid=");
    add_tar((struct tar){.name = "c", .type = '2', .link = "near"});
    add_tar((struct tar){.name = "d", .type = '2', .link = "near"});
    end_tar();
    REQUIRE(asprintf(&wanted,
                     "-0644 1000:4294967295 5(0584f463) -2.500000000 %sfile\n"
                     "-0644 1000:4 2(00000c21) 7.123456789 b\n"
                     "l0644 1000:4 0 5.250000000 c -> far\n"
                     "l0644 1000:4 0 5.250000000 d -> near\n",
                     deep) > 0);
    use(wanted, true, 0);
    free(record);
    free(wanted);
    free(deep);
}

static void refuse_pax(char type, const char *record, const char *reason) {
    PAX(type, record);
    add_tar((struct tar){.name = "a"});
    end_tar();
    refuse("", 1, "", reason);
}

TEST(bad_pax) {
    static const char *const broken[] = {
        "5 path=x\n", "99 path=x\n", "x path=x\n", " path=x\n",
        "10 path=xy", "7 path\n",    "path=x\n",   "18446744073709551616 path=x\n",
        "2 \n",       "0 path=x\n"};

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        add_tar((struct tar){.name = "x", .type = 'x', .data = broken[i]});
        add_tar((struct tar){.name = "a"});
        end_tar();
        struct listing listing = list_archive(made.data, made.size, 0, false);
        CHECK_TEXT(listing.reason, "its pax header is broken");
        CHECK_EQ(listing.error, -EINVAL);
        free(listing.text);
        drop();
    }
    refuse_pax('x', "size=-1", "a number in its pax header is none, or too large");
    refuse_pax('x', "size=9223372036854775808",
               "a number in its pax header is none, or too large");
    refuse_pax('x', "uid=4294967296", "a number in its pax header is none, or too large");
    refuse_pax('x', "mtime=1.5x", "a number in its pax header is none, or too large");
    refuse_pax('g', "path=everywhere", "a name or size for all files that follow");
    refuse_pax('x', "GNU.sparse.major=1",
               "a sparse file, which cannot be read; tar without -S");
    PAX('x', "path=/etc/passwd");
    add_tar((struct tar){.name = "a"});
    refuse("", 1, "/etc/passwd", "an absolute name");
    PAX('x', "size=1000000000000");
    add_tar((struct tar){.name = "a"});
    end_tar();
    refuse("", 1, "a", "the archive ends in the midst of it");
}

TEST(bad_tar) {
    static const char link_reason[] =
        "a hard link to a name that is absolute, too long, or has .. in it";
    char *wide = repeat("x", 256);

    add_tar((struct tar){.name = "a"});
    add_tar((struct tar){.name = "b", .bad_sum = true});
    refuse("-0644 3:4 0 a\n", 1, "a", "what is behind it is no header: cut or damaged");
    add_tar((struct tar){.name = "/a"});
    refuse("", 1, "/a", "an absolute name");
    add_tar((struct tar){.name = "a", .prefix = "../.."});
    refuse("", 1, "../../a", "a name with .. in it");
    add_tar((struct tar){.name = "a"});
    add_tar((struct tar){.name = ""});
    refuse("-0644 3:4 0 a\n", 2, "", "an empty name");
    add_tar((struct tar){.name = "a", .type = '1', .link = "../b"});
    refuse("", 1, "a", link_reason);
    add_tar((struct tar){.name = "a", .type = '1', .link = "/b"});
    refuse("", 1, "a", link_reason);
    add_tar((struct tar){.name = "a", .type = '1'});
    refuse("", 1, "a", "a link to nothing");
    add_tar((struct tar){.name = "a", .type = 'S'});
    refuse("", 1, "a", "a sparse file, which cannot be read; tar without -S");
    add_tar((struct tar){.name = "a", .type = 'M'});
    refuse("", 1, "a", "an unknown type of file");
    add_tar((struct tar){.name = "a", .size_text = "777777777777"});
    refuse("", 1, "a", "the archive ends in the midst of it");
    add_tar((struct tar){.name = "a", .size_text = "0000000008 \0"});
    refuse("", 1, "", "its size is no number, or too large");
    add_tar((struct tar){.name = "L", .type = 'L', .data = wide});
    add_tar((struct tar){.name = "a"});
    refuse("", 1, wide, "a part of its name has more than 255 bytes");
    add_tar((struct tar){.name = "L", .type = 'L', .data = "left"});
    end_tar();
    refuse("", 1, "left", "the archive ends in the midst of it");
    add_tar((struct tar){.name = "a"});
    refuse("-0644 3:4 0 a\n", 1, "a", "the archive ends in the midst of it");
    free(wide);
}

/* What the host's programs make. */

static const char tree[] =
    "cd $0; mkdir -p d/e; printf hello >d/f; ln d/f d/g; ln -s ../nowhere d/s; mkfifo d/p; "
    ": >d/e/empty; seq 1 5000 >d/big; n=$(printf %0120d 0); mkdir -p d/$n/$n; "
    "printf x >d/$n/$n/$n; touch -d @1000000000.5 d/e/empty; chmod 700 d; ";

/* Packs that tree by a command in its folder, where files are d. */
static void pack(const char *command) {
    char folder[] = "/tmp/atman-archive-XXXXXX", *line;

    REQUIRE(mkdtemp(folder));
    REQUIRE(asprintf(&line, "umask 22; sh -ec '%s%s' %s; s=$?; rm -rf %s; exit $s", tree,
                     command, folder, folder) > 0);
    add_output(line);
    free(line);
}

static bool lists(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

/* The order is the host's. */
static void check_tree(bool hard_by_name) {
    static const char *const wanted[] = {
        "d0700 ", " d\n",   " d/e\n", " 0 d/e/empty\n", " d/s -> ../nowhere\n",
        "p0644 ", " d/p\n", " 23893("};
    struct listing listing = list_archive(made.data, made.size, 0, false);
    char *text = listing.text, *name = repeat("0", 120), *path;
    size_t lines = 0;

    CHECK_TEXT(listing.reason, NULL);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        CHECK(lists(text, wanted[i]));
    if (hard_by_name)
        CHECK(lists(text, "d/g -> d/f\n") || lists(text, "d/f -> d/g\n"));
    else
        CHECK(lists(text, "d/g (2 links)\n") && lists(text, "d/f (2 links)\n"));
    REQUIRE(asprintf(&path, " 1(00000078) d/%s/%s/%s\n", name, name, name) > 0);
    CHECK(lists(text, path));
    for (const char *s = text; *s; s++)
        lines += *s == '\n';
    CHECK_EQ(lines, 11);
    use(text, false, SIZE_MAX);
    free(text);
    free(path);
    free(name);
}

/* The packed tree's empty file has this time. */
static void check_time(const char *wanted) {
    struct listing listing = list_archive(made.data, made.size, 0, true);

    CHECK_TEXT(listing.reason, NULL);
    CHECK(lists(listing.text, wanted));
    free(listing.text);
    drop();
}

TEST(gnu_tar) {
    static const char *const formats[] = {"gnu", "pax", "oldgnu"};
    char command[100];

    for (size_t i = 0; i < 3; i++) {
        snprintf(command, sizeof command, "tar --format=%s -cf - d", formats[i]);
        pack(command);
        check_tree(true);
    }
    pack("tar --format=ustar -cf - ./d/e");
    check_time(" 1000000000.000000000 d/e/empty\n");
    pack("tar --format=pax -cf - d");
    check_time(" 1000000000.500000000 d/e/empty\n");
}

TEST(gnu_cpio) {
    static const char *const formats[] = {"newc", "crc", "odc"};
    char command[200];

    if (system("cpio --version >/dev/null 2>&1")) {
        printf("no cpio here: its archives are not tried\n");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf(command, sizeof command, "find d | cpio --quiet -o -H %s", formats[i]);
        pack(command);
        check_tree(false);
        snprintf(command, sizeof command, "find d -depth | cpio --quiet -o -H %s",
                 formats[i]);
        pack(command);
        check_tree(false);
    }
}
