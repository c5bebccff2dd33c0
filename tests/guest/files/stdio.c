/* SPDX-License-Identifier: MIT */
/* What the C library makes of files: streams, temporary ones, walks, patterns, paths. */
// native:
// stdout-from: native
#define _GNU_SOURCE
#include <dirent.h>
#include <glob.h>
#include <libgen.h>
#include <wchar.h>

#include "files/sandbox.h"

static void try_open(const char *path, const char *mode) {
    char text[100] = "";

    errno = 0;
    FILE *f = fopen(path, mode);
    printf("fopen(%s, %s): %s\n", path, mode, f ? "open" : error_name(errno));
    if (!f)
        return;
    printf("%s\n", fputs("new", f) < 0 ? "no" : "put"); /* errno may be set or not */
    SAY(fflush(f));
    clearerr(f);
    SAY(fseek(f, 1, SEEK_SET));
    errno = 0;
    long n = (long)fread(text, 1, sizeof text, f);
    printf("read %ld \"%s\" eof %d error %d\n", n, text, !!feof(f), !!ferror(f));
    SAY(fseek(f, 0, SEEK_END));
    SAY(ftell(f));
    SAY(fseek(f, -1, SEEK_SET));
    SAY(fclose(f));
    say_text(path);
}

static void try_modes(void) {
    static const char *const modes[] = {"r",  "w",  "a",   "r+",  "w+", "a+",
                                        "rb", "wx", "w+x", "a+e", "re"};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        write_text("some", "old text");
        unlink("none");
        try_open("some", modes[i]);
        try_open("none", modes[i]);
    }
    try_open("dir", "w");
    try_open("", "r");
    SAY(fopen("some", "q") ? 0 : -1);
}

static void try_streams(void) {
    char line[100], *long_line = NULL;
    size_t room = 0;
    FILE *f = fopen("lines", "w+");

    for (int i = 0; i < 1000; i++)
        fprintf(f, "line %d of many\n", i);
    SAY(ftell(f));
    rewind(f);
    int n = 0;
    while (fgets(line, sizeof line, f))
        n++;
    SAY(n);
    fputs(line, stdout);
    SAY(fseek(f, 50, SEEK_SET));
    SAY(getline(&long_line, &room, f));
    fputs(long_line, stdout);
    free(long_line);
    SAY(ungetc('u', f));
    SAY(fgetc(f));
    SAY(ftruncate(fileno(f), 100));
    SAY(fseek(f, 0, SEEK_END));
    SAY(ftell(f));
    f = freopen("lines", "a", f);
    SAY(f != NULL);
    SAY(fprintf(f, "appended"));
    SAY(fclose(f));
    struct stat s;
    stat("lines", &s);
    SAY(s.st_size);
    f = tmpfile();
    SAY(f != NULL);
    SAY(fprintf(f, "temporary"));
    rewind(f);
    SAY(fread(line, 1, 50, f));
    fstat(fileno(f), &s);
    SAY(s.st_nlink);
    SAY(fclose(f));
    char name[] = "made-XXXXXX", suffix[] = "made-XXXXXX.txt", folder[] = "made-XXXXXX";
    int fd = mkstemp(name);
    fstat(fd, &s);
    printf("mkstemp %o\n", s.st_mode);
    close(fd);
    SAY(unlink(name));
    fd = mkstemps(suffix, 4);
    SAY(fd >= 0 && !strcmp(suffix + 11, ".txt"));
    close(fd);
    SAY(unlink(suffix));
    SAY(mkdtemp(folder) != NULL);
    stat(folder, &s);
    printf("mkdtemp %o\n", s.st_mode);
    SAY(rmdir(folder));
    f = fopen("wide", "w+");
    SAY(fwide(f, 1) > 0);
    SAY(fputws(L"wide text", f) >= 0);
    SAY(fclose(f));
    say_text("wide");
    SAY(remove("wide"));
    SAY(remove("empty"));
    SAY(remove("dir"));
    SAY(remove("none"));
    mkdir("empty", 0755);
}

static const char *kind_of(int kind) { /* the numbers differ among libraries */
    return kind == FTW_F    ? "F"
           : kind == FTW_D  ? "D"
           : kind == FTW_DP ? "DP"
           : kind == FTW_SL ? "SL"
                            : "other";
}

static int show(const char *path, const struct stat *s, int kind, struct FTW *where) {
    printf("%s %s level %d base %d%s\n", path, kind_of(kind), where->level, where->base,
           S_ISREG(s->st_mode) ? " file" : "");
    return 0;
}

static int compare(const void *a, const void *b) {
    return strcmp(a, b);
}

static char walked[64][64];
static int walked_count;

static int collect(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)s;
    (void)where;
    snprintf(walked[walked_count++ % 64], 64, "%.50s %s", path, kind_of(kind));
    return 0;
}

static void try_walks(void) {
    SAY(nftw("dir/sub", show, 4, FTW_PHYS));
    SAY(nftw("dir", collect, 4, FTW_PHYS | FTW_DEPTH));
    SAY(nftw(".", collect, 8, FTW_PHYS));
    qsort(walked, (size_t)walked_count, 64, compare);
    for (int i = 0; i < walked_count; i++)
        printf("%s\n", walked[i]);
    SAY(nftw("none", show, 4, 0));
    static const char *const patterns[] = {"*",     "d*/*",     "[ef]*",  "f?le",
                                           "none*", "to-dir/*", "*/sub/", "{dir,file}"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        glob_t found;
        int result = glob(patterns[i], GLOB_MARK, NULL, &found);
        printf("glob(%s) = %d:", patterns[i], result);
        for (size_t j = 0; !result && j < found.gl_pathc; j++)
            printf(" %s", found.gl_pathv[j]);
        printf("\n");
        if (!result)
            globfree(&found);
    }
}

static void try_paths(void) {
    static const char *const paths[] = {
        ".",     "dir/sub/..", "to-dir/inner", "to-link",      "none",     "none/x",
        "",      "to-none",    "loop-a",       "file/x",       "to-here/", "dir//./sub",
        "file/", "/",          "/tmp/../..",   "to-file-slash"};

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        errno = 0;
        char *real = realpath(paths[i], NULL);
        const char *shown = !real ? error_name(errno) : real;
        if (real && !strncmp(real, place_path, strlen(place_path)))
            shown = real + strlen(place_path);
        printf("realpath(%s) = %s\n", paths[i], shown);
        free(real);
    }
    char *here = getcwd(NULL, 0);
    SAY(!strncmp(here, place_path, strlen(place_path)));
    free(here);
}

int main(void) {
    place_make();
    tree_make();
    try_modes();
    try_streams();
    try_walks();
    try_paths();
    return place_end();
}
