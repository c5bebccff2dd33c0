/* SPDX-License-Identifier: MIT */
/*
 * /proc as programs read it: formats and names of fields, which a Linux process has as
 * well; what it says against what the calls say.
 */
// args: first 'second one'
// env: PROC_TEST=yes
// stdout-from: checks
// native: -pthread
// vcpus: 1 2
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

enum { TEXT = 1 << 16 };

/* The whole file, with pieces of that size; its size, or -1. */
static ssize_t read_all(const char *path, char *text, size_t piece) {
    int fd = open(path, O_RDONLY);
    ssize_t size = 0, n = fd < 0 ? -1 : 1;

    while (n > 0 && size < TEXT - 1) {
        size_t room = (size_t)(TEXT - 1 - size);
        n = read(fd, text + size, piece < room ? piece : room);
        size += n > 0 ? n : 0;
    }
    if (fd >= 0)
        close(fd);
    text[size] = 0;
    return n < 0 ? n : size;
}

static char text[TEXT], text2[TEXT];

/* The value of a line that begins with that name, or NULL. */
static const char *field(const char *name) {
    size_t n = strlen(name);

    for (const char *at = text; at && *at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (!strncmp(at, name, n) && (at[n] == ':' || at[n] == ' '))
            return at + n + 1;
    }
    return NULL;
}

static unsigned long number(const char *name) {
    const char *value = field(name);

    if (!CHECK(value))
        printf("    no field %s\n", name);
    return value ? strtoul(value, NULL, 10) : 0;
}

static int has_all(const char *const *names) {
    int good = 1;

    for (; *names; names++)
        if (!field(*names)) {
            printf("    no field %s\n", *names);
            good = 0;
        }
    return good;
}

static void test_status(void) {
    static const char *const names[] = {"Name",
                                        "Umask",
                                        "State",
                                        "Tgid",
                                        "Ngid",
                                        "Pid",
                                        "PPid",
                                        "TracerPid",
                                        "Uid",
                                        "Gid",
                                        "FDSize",
                                        "Groups",
                                        "NStgid",
                                        "NSpid",
                                        "NSpgid",
                                        "NSsid",
                                        "VmPeak",
                                        "VmSize",
                                        "VmLck",
                                        "VmPin",
                                        "VmHWM",
                                        "VmRSS",
                                        "RssAnon",
                                        "RssFile",
                                        "RssShmem",
                                        "VmData",
                                        "VmStk",
                                        "VmExe",
                                        "VmLib",
                                        "VmPTE",
                                        "VmSwap",
                                        "CoreDumping",
                                        "THP_enabled",
                                        "Threads",
                                        "SigQ",
                                        "SigPnd",
                                        "ShdPnd",
                                        "SigBlk",
                                        "SigIgn",
                                        "SigCgt",
                                        "CapInh",
                                        "CapPrm",
                                        "CapEff",
                                        "CapBnd",
                                        "CapAmb",
                                        "NoNewPrivs",
                                        "Seccomp",
                                        "Cpus_allowed",
                                        "Cpus_allowed_list",
                                        "Mems_allowed_list",
                                        "voluntary_ctxt_switches",
                                        "nonvoluntary_ctxt_switches",
                                        NULL};

    umask(027);
    CHECK(read_all("/proc/self/status", text, TEXT) > 0);
    CHECK(has_all(names));
    CHECK_EQUAL(number("Pid"), getpid());
    CHECK_EQUAL(number("Tgid"), getpid());
    CHECK_EQUAL(number("Threads"), 1);
    CHECK_EQUAL(strtoul(field("Umask"), NULL, 8), 027);
    CHECK(strstr(text, "State:\tR (running)\n"));
    CHECK(number("VmSize") >= number("VmRSS"));
    CHECK(number("VmRSS") > 0);
    umask(022);
}

static void handler(int signal) {
    (void)signal;
}

static void test_signals(void) {
    sigset_t set;

    signal(SIGUSR1, handler);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    CHECK(read_all("/proc/self/status", text, TEXT) > 0);
    CHECK_EQUAL(strtoul(field("SigBlk"), NULL, 16), 1ul << (SIGUSR2 - 1));
    CHECK_EQUAL(strtoul(field("SigIgn"), NULL, 16), 1ul << (SIGPIPE - 1));
    CHECK(strtoul(field("SigCgt"), NULL, 16) & 1ul << (SIGUSR1 - 1));
    CHECK_EQUAL(strtoul(field("ShdPnd"), NULL, 16), 1ul << (SIGUSR2 - 1));
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGUSR2, SIG_DFL);
}

/* As procps: behind the last parenthesis. */
static void test_stat(void) {
    int pid, fields = 0;
    char state;

    CHECK(read_all("/proc/self/stat", text, TEXT) > 0);
    char *behind = strrchr(text, ')');
    CHECK(sscanf(text, "%d (", &pid) == 1 && pid == getpid());
    if (!CHECK(behind))
        return;
    unsigned long values[64] = {0};
    CHECK(sscanf(behind + 1, " %c", &state) == 1 && state == 'R');
    for (char *at = behind + 4; *at && fields < 64; fields++)
        values[fields] = strtoul(at, &at, 10), at += *at == ' ' || *at == '\n';
    CHECK_EQUAL(fields, 49);    /* the fourth to the 52nd */
    CHECK_EQUAL(values[16], 1); /* num_threads, the 20th */
    CHECK(values[19] > 4096);   /* vsize */
    unsigned long ticks = values[10] + values[11];
    while (clock() < CLOCKS_PER_SEC / 10)
        ;
    CHECK(read_all("/proc/thread-self/stat", text, TEXT) > 0);
    behind = strrchr(text, ')');
    CHECK(behind &&
          sscanf(behind + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
                 &values[0], &values[1]) == 2);
    CHECK(values[0] + values[1] >= ticks && values[0] + values[1] >= 5);

    CHECK(read_all("/proc/self/statm", text, TEXT) > 0);
    CHECK_EQUAL(sscanf(text, "%lu %lu %lu %lu %lu %lu %lu", &values[0], &values[1],
                       &values[2], &values[3], &values[4], &values[5], &values[6]),
                7);
    CHECK(values[0] >= values[1] && values[1] > 0);
}

/* rights and name of the line whose range holds address */
static int find_map(const void *address, char *rights, char *name) {
    char *line = text;
    unsigned long last = 0;
    int found = 0;

    CHECK(read_all("/proc/self/maps", text, TEXT) > 0);
    while (*line) {
        unsigned long start, end, offset, inode;
        unsigned major, minor;
        char r[5], path[256] = "";
        int n = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu%*[ ]%255[^\n]", &start, &end, r,
                       &offset, &major, &minor, &inode, path);
        if (!CHECK(n == 7 || n == 8) || !CHECK(start >= last && end > start))
            return 0;
        last = end;
        if ((unsigned long)address >= start && (unsigned long)address < end) {
            strcpy(rights, r);
            strcpy(name, path);
            found = 1;
        }
        line = strchr(line, '\n') + 1;
    }
    return found;
}

static void test_maps(void) {
    char rights[5], name[256];
    static int data = 1;
    char *none = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *shared = mmap(NULL, 8192, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CHECK(find_map(&data, rights, name) && !strcmp(rights, "rw-p"));
    CHECK(find_map((void *)(long)test_maps, rights, name) && !strcmp(rights, "r-xp"));
    CHECK(*name == '/');
    CHECK(find_map(rights, rights, name) && !strcmp(rights, "rw-p"));
    CHECK(!strcmp(name, "[stack]"));
    CHECK(find_map(none, rights, name) && !strcmp(rights, "---p"));
    CHECK(find_map(shared, rights, name) && !strcmp(rights, "r--s"));
    munmap(none, 8192);
    CHECK(!find_map(none, rights, name));
    munmap(shared, 8192);
    unsigned long heap = (unsigned long)syscall(SYS_brk, 0);
    CHECK((unsigned long)syscall(SYS_brk, heap + 8192) == heap + 8192);
    CHECK(find_map((void *)(heap + 4096), rights, name) && !strcmp(name, "[heap]"));
    syscall(SYS_brk, heap);
}

/* What is mapped of a file has its name, and where in it. */
static void test_mapped_file(void) {
    static const char path[] = "/tmp/atman proc map";
    char rights[5], name[256];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0 && !ftruncate(fd, 20000));
    char *all = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *end = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 16384);
    close(fd);
    CHECK(all != MAP_FAILED && end != MAP_FAILED);
    CHECK(find_map(all + 8192, rights, name) && !strcmp(rights, "rw-s"));
    CHECK(!strcmp(name, path));
    CHECK(find_map(end, rights, name) && !strcmp(rights, "r--p"));
    CHECK(!strcmp(name, path) && strstr(text, " 00004000 "));
    CHECK(!unlink(path));
    CHECK(find_map(all, rights, name) && strstr(name, "(deleted)"));
    munmap(all, 20000);
    munmap(end, 4096);
}

/* Memory that was in use once is remembered; faults are counted. */
static void test_used(void) {
    struct rusage before, after;
    enum { SIZE = 4 << 20 };

    CHECK(!getrusage(RUSAGE_SELF, &before));
    char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < SIZE; i += 4096)
        ((volatile char *)p)[i] = 1;
    CHECK(read_all("/proc/self/status", text, TEXT) > 0);
    unsigned long used = number("VmRSS"), size = number("VmSize");
    CHECK(used >= SIZE / 1024 && size >= used && number("VmPTE") > 0);
    munmap(p, SIZE);
    CHECK(!getrusage(RUSAGE_SELF, &after));
    CHECK(after.ru_minflt > before.ru_minflt);
    CHECK(after.ru_maxrss >= SIZE / 1024);
    CHECK(read_all("/proc/self/status", text, TEXT) > 0);
    CHECK(number("VmPeak") >= size && number("VmHWM") >= SIZE / 1024);
    CHECK(number("VmRSS") < number("VmHWM"));
}

static const char *link_of(int fd) {
    static char target[PATH_MAX];
    char path[64];

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = 0;
    return target;
}

static void test_fd_links(void) {
    char path[64], wanted[64];
    struct stat stat, there;
    int pipes[2], event = eventfd(0, 0);

    CHECK(!pipe(pipes) && !fstat(pipes[0], &stat));
    snprintf(wanted, sizeof wanted, "pipe:[%lu]", (unsigned long)stat.st_ino);
    CHECK(!strcmp(link_of(pipes[0]), wanted) && !strcmp(link_of(pipes[1]), wanted));
    CHECK(!strcmp(link_of(event), "anon_inode:[eventfd]"));
    snprintf(path, sizeof path, "/proc/self/fd/%d", pipes[0]);
    CHECK(!lstat(path, &there) && S_ISLNK(there.st_mode));
    CHECK(!fstatat(AT_FDCWD, path, &there, 0) && there.st_ino == stat.st_ino);
    int again = open(path, O_RDONLY);
    CHECK(again >= 0 && write(pipes[1], "x", 1) == 1 && read(again, wanted, 1) == 1);
    close(again);
    close(event);
    close(pipes[0]);
    close(pipes[1]);
    CHECK_FAILS(open(path, O_RDONLY), ENOENT);
    CHECK_FAILS(readlink("/proc/self/fd/999", wanted, sizeof wanted), ENOENT);
}

static void test_fd_files(void) {
    char path[64], all[64];
    int fd = open("/tmp/proc-test", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat stat;

    CHECK(fd >= 0 && write(fd, "hello", 5) == 5);
    CHECK(!strcmp(link_of(fd), "/tmp/proc-test"));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK_EQUAL(unlink("/tmp/proc-test"), 0);
    CHECK(!strcmp(link_of(fd), "/tmp/proc-test (deleted)"));
    int again = open(path, O_RDONLY | O_CREAT);
    CHECK(again >= 0 && again != fd);
    CHECK(read(again, all, sizeof all) == 5 && !memcmp(all, "hello", 5));
    CHECK(!fstat(again, &stat) && stat.st_nlink == 0);
    CHECK_FAILS(open(path, O_RDONLY | O_CREAT | O_EXCL), EEXIST);
    CHECK_FAILS(open(path, O_RDONLY | O_NOFOLLOW), ELOOP);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    CHECK(read_all(path, text, TEXT) > 0);
    CHECK_EQUAL(number("pos"), 5);
    CHECK_EQUAL(strtoul(field("flags"), NULL, 8), O_RDWR | O_CLOEXEC | 0100000);
    close(fd);
    close(again);
    CHECK_EQUAL(open("/proc/self/fd", O_RDONLY | O_DIRECTORY), fd);
    close(fd);
}

static void test_places(void) {
    char target[PATH_MAX] = "";

    CHECK(mkdir("/tmp/proc-place", 0700) == 0 && chdir("/tmp/proc-place") == 0);
    CHECK(readlink("/proc/self/cwd", target, sizeof target) > 0);
    CHECK(!strcmp(target, "/tmp/proc-place"));
    CHECK(close(open("/proc/self/cwd/file", O_CREAT | O_WRONLY, 0600)) == 0);
    CHECK(unlink("/proc/thread-self/root/tmp/proc-place/file") == 0);
    CHECK(chdir("/proc/self") == 0 && getcwd(target, sizeof target));
    CHECK(!strncmp(target, "/proc/", 6) && atoi(target + 6) == getpid());
    CHECK(close(open("status", O_RDONLY)) == 0);
    CHECK(chdir("..") == 0 && getcwd(target, sizeof target) && !strcmp(target, "/proc"));
    CHECK(chdir("..") == 0 && getcwd(target, sizeof target) && !strcmp(target, "/"));
    CHECK(rmdir("/tmp/proc-place") == 0);
    CHECK(readlink("/proc/self/exe", target, sizeof target) > 1 && *target == '/');
}

static void test_vectors(char **argv) {
    ssize_t size = read_all("/proc/self/cmdline", text, TEXT);
    char *at = text;

    for (int i = 0; argv[i]; i++) {
        CHECK(!strcmp(at, argv[i]));
        at += strlen(at) + 1;
    }
    CHECK_EQUAL(at - text, size);
    size = read_all("/proc/self/environ", text, TEXT);
    CHECK(memmem(text, (size_t)size, "PROC_TEST=yes", sizeof "PROC_TEST=yes"));
    size = read_all("/proc/self/auxv", text, TEXT);
    unsigned long page = 0, (*aux)[2] = (void *)text;
    for (; (*aux)[0]; aux++)
        page = (*aux)[0] == AT_PAGESZ ? (*aux)[1] : page;
    CHECK_EQUAL(page, getauxval(AT_PAGESZ));
    CHECK_EQUAL((char *)(aux + 1) - text, size);
}

static void test_limits(void) {
    struct rlimit limit;
    unsigned long soft = 0, hard = 0;

    CHECK(read_all("/proc/self/limits", text, TEXT) > 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    char *line = strstr(text, "Max open files");
    CHECK(line && sscanf(line, "Max open files %lu %lu files", &soft, &hard) == 2);
    CHECK(soft == limit.rlim_cur && hard == limit.rlim_max);
    CHECK(strstr(text,
                 "Limit                     Soft Limit           Hard Limit           "
                 "Units     \nMax cpu time              "));
}

static pthread_barrier_t barrier;
static int other_tid;

static void *other(void *unused) {
    char name[16] = "";

    other_tid = (int)syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    prctl(PR_GET_NAME, name);
    CHECK(!strcmp(name, "another"));
    char path[64], target[64] = "";
    CHECK(readlink("/proc/thread-self", target, sizeof target) > 0);
    snprintf(path, sizeof path, "%d/task/%d", getpid(), other_tid);
    CHECK(!strcmp(target, path));
    return unused;
}

static int count_tasks(void) {
    DIR *dir = opendir("/proc/self/task");
    int count = 0;

    for (struct dirent *e; dir && (e = readdir(dir));)
        if (*e->d_name != '.') {
            CHECK(atoi(e->d_name) == getpid() || atoi(e->d_name) == other_tid);
            CHECK_EQUAL(e->d_type, DT_DIR);
            count++;
        }
    if (dir)
        closedir(dir);
    return count;
}

static void test_threads(void) {
    pthread_t thread;
    char path[64];

    pthread_barrier_init(&barrier, NULL, 2);
    CHECK(!pthread_create(&thread, NULL, other, NULL));
    pthread_barrier_wait(&barrier);
    CHECK_EQUAL(count_tasks(), 2);
    CHECK_EQUAL(pthread_setname_np(thread, "another"), 0);
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", other_tid);
    CHECK(read_all(path, text, TEXT) > 0 && !strcmp(text, "another\n"));
    snprintf(path, sizeof path, "/proc/self/task/%d/status", other_tid);
    CHECK(read_all(path, text, TEXT) > 0);
    CHECK_EQUAL(number("Pid"), other_tid);
    CHECK_EQUAL(number("Tgid"), getpid());
    CHECK_EQUAL(number("Threads"), 2);
    int fd = open(path, O_RDONLY);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    for (int i = 0; count_tasks() != 1 && i < 1000;
         i++) /* it may still be on its way out */
        usleep(1000);
    CHECK_EQUAL(count_tasks(), 1);
    CHECK_FAILS(read(fd, text, TEXT), ESRCH);
    close(fd);
    CHECK_FAILS(open(path, O_RDONLY), ENOENT);
}

static void test_pieces(void) {
    CHECK(read_all("/proc/self/limits", text2, TEXT) ==
          read_all("/proc/self/limits", text, 1));
    CHECK(!strcmp(text, text2));
    int fd = open("/proc/self/comm", O_RDWR);
    char comm[32] = "";
    CHECK(read(fd, comm, sizeof comm) > 0 && write(fd, "a new name", 10) == 10);
    CHECK_EQUAL(read(fd, comm, sizeof comm), 0);
    CHECK_EQUAL(lseek(fd, 0, SEEK_SET), 0);
    CHECK(read(fd, comm, sizeof comm) == 11 && !memcmp(comm, "a new name\n", 11));
    CHECK(pread(fd, comm, 3, 2) == 3 && !memcmp(comm, "new", 3));
    CHECK(write(fd, "longer than fifteen", 19) == 19);
    char name[16];
    CHECK(prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "longer than fif"));
    CHECK(lseek(fd, 1, SEEK_SET) == 1 && read(fd, comm, 1) == 1 && *comm == 'o');
    struct stat stat;
    CHECK(!fstat(fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size == 0);
    close(fd);
}

static void test_memory(void) {
    static const char *const names[] = {"MemTotal",     "MemFree",
                                        "MemAvailable", "Buffers",
                                        "Cached",       "SwapCached",
                                        "Active",       "Inactive",
                                        "Active(anon)", "Inactive(anon)",
                                        "Active(file)", "Inactive(file)",
                                        "SwapTotal",    "SwapFree",
                                        "Dirty",        "Writeback",
                                        "AnonPages",    "Mapped",
                                        "Shmem",        "CommitLimit",
                                        "Committed_AS", NULL};
    struct sysinfo info;

    sysinfo(&info);
    CHECK(read_all("/proc/meminfo", text, TEXT) > 0);
    CHECK(has_all(names));
    CHECK_EQUAL(number("MemTotal"), info.totalram * info.mem_unit / 1024);
    CHECK(number("MemFree") <= number("MemTotal") && number("MemFree") > 0);
    char unit[8];
    CHECK(sscanf(field("MemTotal"), "%*u %7s", unit) == 1 && !strcmp(unit, "kB"));
}

static void test_machine(void) {
    static const char *const names[] = {
        "processor", "vendor_id", "cpu family", "model",         "model name", "stepping",
        "cpu MHz",   "flags",     "bogomips",   "address sizes", NULL};
    unsigned long v[8], cpus = 0, more;
    double one, five, fifteen;
    unsigned running, all;
    int last;

    CHECK(read_all("/proc/stat", text, TEXT) > 0);
    CHECK_EQUAL(sscanf(text, "cpu  %lu %lu %lu %lu %lu %lu %lu %lu", &v[0], &v[1], &v[2],
                       &v[3], &v[4], &v[5], &v[6], &v[7]),
                8);
    for (char *at = text; (at = strstr(at, "\ncpu")); at += 4)
        cpus++;
    CHECK_EQUAL(cpus, sysconf(_SC_NPROCESSORS_CONF));
    CHECK(field("intr") && field("ctxt") && field("softirq"));
    CHECK(number("btime") <= (unsigned long)time(NULL));
    CHECK(number("procs_running") >= 1 && number("processes") >= 1);
    CHECK(read_all("/proc/loadavg", text, TEXT) > 0);
    CHECK_EQUAL(
        sscanf(text, "%lf %lf %lf %u/%u %d", &one, &five, &fifteen, &running, &all, &last),
        6);
    CHECK(read_all("/proc/uptime", text, TEXT) > 0);
    CHECK(sscanf(text, "%lf %lf", &one, &five) == 2 && one >= 0 && five >= 0);
    CHECK(read_all("/proc/cpuinfo", text, TEXT) > 0);
    for (unsigned i = 0; names[i]; i++)
        CHECK(strstr(text, names[i]));
    cpus = !strncmp(text, "processor\t: 0\n", 14);
    for (char *at = text; (at = strstr(at, "\nprocessor\t: ")); at += 4)
        cpus++;
    CHECK_EQUAL(cpus, sysconf(_SC_NPROCESSORS_ONLN));
    CHECK(strstr(text, " sse2 ") && strstr(text, " lm "));
    CHECK(read_all("/sys/devices/system/cpu/online", text, TEXT) > 0);
    CHECK(sscanf(text, "0-%lu\n", &more) == 1 ? more >= 1 : !strcmp(text, "0\n"));
}

static void test_kernel(void) {
    static const char *const numbers[] = {"kernel/pid_max",       "kernel/threads-max",
                                          "kernel/ngroups_max",   "kernel/cap_last_cap",
                                          "vm/overcommit_memory", "vm/max_map_count",
                                          "net/core/somaxconn",   "fs/file-max",
                                          "fs/nr_open",           "fs/pipe-max-size"};
    struct utsname name;
    char path[64], host[80];

    uname(&name);
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf(path, sizeof path, "/proc/sys/%s", numbers[i]);
        CHECK(read_all(path, text, TEXT) > 0 && *text >= '0' && *text <= '9');
    }
    CHECK(read_all("/proc/sys/kernel/hostname", text, TEXT) > 0);
    snprintf(host, sizeof host, "%s\n", name.nodename);
    CHECK(!strcmp(text, host));
    CHECK(read_all("/proc/sys/kernel/osrelease", text, TEXT) > 0);
    CHECK(!strncmp(text, name.release, strlen(name.release)));
    CHECK_EQUAL(read_all("/proc/sys/kernel/random/uuid", text, TEXT), 37);
    CHECK_EQUAL(read_all("/proc/sys/kernel/random/uuid", text2, TEXT), 37);
    CHECK(strcmp(text, text2) && text[8] == '-' && text[14] == '4' && text[23] == '-');
    CHECK_EQUAL(read_all("/proc/sys/kernel/random/boot_id", text, TEXT), 37);
    CHECK_EQUAL(read_all("/proc/sys/kernel/random/boot_id", text2, TEXT), 37);
    CHECK(!strcmp(text, text2));
    CHECK(read_all("/proc/version", text, TEXT) > 0 && strstr(text, " version "));
    CHECK(read_all("/proc/filesystems", text, TEXT) > 0 && strstr(text, "nodev\tproc\n"));
    CHECK(read_all("/proc/devices", text, TEXT) > 0 &&
          strstr(text, "Character devices:\n  1 mem\n"));
}

static void test_mounts(void) {
    FILE *file = setmntent("/proc/mounts", "r");
    int proc = 0, root = 0;

    for (struct mntent *m; file && (m = getmntent(file));) {
        proc += !strcmp(m->mnt_dir, "/proc") && !strcmp(m->mnt_type, "proc");
        root += !strcmp(m->mnt_dir, "/");
    }
    CHECK(file && root == 1 && proc == 1);
    endmntent(file);
    CHECK(read_all("/proc/self/mountinfo", text, TEXT) > 0 &&
          strstr(text, " - proc proc "));
}

static void test_names(void) {
    DIR *dir = opendir("/proc");
    char own[16];
    int found = 0;

    snprintf(own, sizeof own, "%d", getpid());
    for (struct dirent *e; dir && (e = readdir(dir));) {
        found |= !strcmp(e->d_name, own) && e->d_type == DT_DIR ? 1 : 0;
        found |= !strcmp(e->d_name, "self") && e->d_type == DT_LNK ? 2 : 0;
        found |= !strcmp(e->d_name, "meminfo") && e->d_type == DT_REG ? 4 : 0;
        found |= !strcmp(e->d_name, ".") ? 8 : 0;
    }
    CHECK_EQUAL(found, 15);
    closedir(dir);
    CHECK_FAILS(open("/proc/2147483647", O_RDONLY), ENOENT);
    CHECK_FAILS(open("/proc/01", O_RDONLY), ENOENT);
    CHECK_FAILS(open("/proc/self/task/x", O_RDONLY), ENOENT);
    CHECK_FAILS(open("/proc/self/status/x", O_RDONLY), ENOTDIR);
    CHECK_FAILS(open("/proc/self", O_WRONLY), EISDIR);
    FILE *file = fopen("/dev/stdout", "w");
    CHECK(file && fputs("by name\n", file) >= 0 && fclose(file) == 0);
}

int main(int argc, char **argv) {
    CHECK_EQUAL(argc, 3);
    test_status();
    test_signals();
    test_stat();
    test_maps();
    test_mapped_file();
    test_used();
    test_fd_links();
    test_fd_files();
    test_places();
    test_vectors(argv);
    test_limits();
    test_threads();
    test_pieces();
    test_memory();
    test_machine();
    test_kernel();
    test_mounts();
    test_names();
    return checks_end();
}
