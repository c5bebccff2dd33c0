/* SPDX-License-Identifier: MIT */
/*
 * The entries of docs/caveats.md, tried: TRY(entry, what must be true). Prints the entry,
 * and whether it is so; caveats.sh compares the entries with those of the page.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <locale.h>
#include <mqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MIB = 1 << 20 };

#define TRY(entry, truth)                                                                  \
    do {                                                                                   \
        errno = 0;                                                                         \
        bool is_so = (truth);                                                              \
        printf("%s\t%s\n", entry, is_so ? "so" : strerror(errno));                         \
    } while (0)
/* It fails, with that error. */
#define FAILS(entry, call, error) TRY(entry, (long)(call) == -1 && errno == (error))
/* A system call that is not there. */
#define LACKS(name) FAILS(#name, syscall(SYS_##name, 0, 0, 0, 0, 0, 0), ENOSYS)

static volatile int signals_seen;

static void count_signal(int number) {
    (void)number;
    signals_seen++;
}

static void try_processes(void) {
    char *words[] = {"x", NULL};
    int status;
    siginfo_t info;
    pid_t child;

    FAILS("fork", fork(), ENOSYS);
    FAILS("vfork", vfork(), ENOSYS);
    LACKS(clone3);
    FAILS("execve", execve("/bin/sh", words, words), ENOSYS);
    LACKS(execveat);
    TRY("posix_spawn", posix_spawn(&child, "/bin/sh", NULL, NULL, words, words) == ENOSYS);
    TRY("popen", !popen("true", "r") && errno == ENOSYS);
    FAILS("system", system("true"), ENOSYS);
    TRY("system", system(NULL) == 1);
    FAILS("wait4", wait4(-1, &status, 0, NULL), ECHILD);
    FAILS("waitid", waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    TRY("getpid", getpid() == 1 && getppid() == 0);
    FAILS("kill(-1)", kill(-1, 0), ESRCH);
    TRY("kill(-1)", kill(0, 0) == 0);
    LACKS(ptrace);
    LACKS(process_vm_readv);
    LACKS(pidfd_open);
    LACKS(kcmp);
    LACKS(unshare);
    LACKS(setns);
    LACKS(personality);
}

static void try_users(void) {
    struct utsname name;
    gid_t group = 5;

    FAILS("setuid", setuid(1000), EPERM);
    FAILS("setgid", setgid(1000), EPERM);
    FAILS("seteuid", seteuid(1000), EPERM);
    FAILS("setegid", setegid(1000), EPERM);
    FAILS("setgroups", setgroups(1, &group), EPERM);
    TRY("setgroups", setgroups(0, NULL) == 0);
    LACKS(capget);
    LACKS(capset);
    FAILS("capset", prctl(PR_CAPBSET_READ, 0), EINVAL);
    FAILS("prctl", prctl(PR_SET_SECCOMP, 1), EINVAL);
    TRY("prctl",
        prctl(PR_SET_NAME, "caveats") == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    TRY("uname", uname(&name) == 0 && !strcmp(name.sysname, "Atman"));
    TRY("uname", !strcmp(name.version, "Xen PV"));
    LACKS(seccomp);
    LACKS(landlock_create_ruleset);
    LACKS(bpf);
    LACKS(perf_event_open);
    LACKS(add_key);
    LACKS(keyctl);
    LACKS(reboot);
    LACKS(iopl);
    LACKS(ioperm);
    LACKS(init_module);
    LACKS(syslog);
    LACKS(swapon);
    LACKS(acct);
    LACKS(quotactl);
}

static const char constants[3 * PAGE] = "constants";

static void try_image(void) {
    char *text = (char *)((unsigned long)try_image & -(unsigned long)PAGE);
    char *constant = (char *)(((unsigned long)constants + PAGE) & -(unsigned long)PAGE);

    FAILS("mprotect of the program's text", mprotect(text, PAGE, PROT_READ), EACCES);
    FAILS("mprotect of the program's text", mprotect(text, PAGE, PROT_READ | PROT_WRITE),
          EACCES);
    TRY("mprotect of the program's text",
        mprotect(text, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0 &&
            mprotect(text, PAGE, PROT_READ | PROT_EXEC) == 0);
    FAILS("mprotect of constants", mprotect(constant, PAGE, PROT_NONE), EACCES);
    TRY("mprotect of constants", mprotect(constant, PAGE, PROT_READ | PROT_WRITE) == 0);
    FAILS("munmap of the image", munmap(text, PAGE), EACCES);
    FAILS("munmap of the image", munmap(constant, PAGE), EACCES);
}

static bool is_kept(int resource, rlim_t value) {
    struct rlimit limit = {value, value}, now;

    return setrlimit(resource, &limit) == 0 && getrlimit(resource, &now) == 0 &&
           now.rlim_cur == value;
}

static void *map(size_t size, int flags, int fd) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static int *first_mapping;

static void *wait_for_word(void *unused) {
    (void)unused;
    return (void *)syscall(SYS_futex, first_mapping, FUTEX_WAIT, 0, NULL, NULL, 0);
}

/* Asks for a wake-up at one mapping until somebody sleeps there; how many woke at the
 * other. */
static long woken_at_second(void) {
    int fd = memfd_create("word", 0);
    pthread_t thread;
    int *second;
    long woken = 0;

    if (ftruncate(fd, PAGE))
        return -1;
    first_mapping = map(PAGE, MAP_SHARED, fd);
    second = map(PAGE, MAP_SHARED, fd);
    pthread_create(&thread, NULL, wait_for_word, NULL);
    for (int i = 0; i < 20; i++) {
        usleep(1000);
        woken += syscall(SYS_futex, second, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    while (syscall(SYS_futex, first_mapping, FUTEX_WAKE, 1, NULL, NULL, 0) == 0)
        usleep(1000);
    pthread_join(thread, NULL);
    return woken;
}

static void try_memory(void) {
    int private = MAP_PRIVATE | MAP_ANONYMOUS;
    int word = 0, other = 0;
    struct timespec soon = {0, 1000};

    FAILS("mmap(MAP_GROWSDOWN)", map(PAGE, private | MAP_GROWSDOWN, -1), EINVAL);
    FAILS("mmap(MAP_HUGETLB)", map(2 * MIB, private | MAP_HUGETLB, -1), ENOMEM);
    FAILS("mmap when memory is short", map((size_t)1 << 32, private, -1), ENOMEM);
    TRY("setrlimit(RLIMIT_AS)",
        is_kept(RLIMIT_AS, MIB) && map(8 * MIB, private, -1) != MAP_FAILED);
    TRY("setrlimit(RLIMIT_CPU)", is_kept(RLIMIT_CPU, 0));
    TRY("setrlimit(RLIMIT_NPROC)", is_kept(RLIMIT_NPROC, 1));
    TRY("futex in shared memory", woken_at_second() == 0);
    FAILS("FUTEX_WAIT_REQUEUE_PI",
          syscall(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI, 0, &soon, &other, 0), ENOSYS);
    FAILS("FUTEX_CMP_REQUEUE_PI",
          syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE_PI, 1, 1L, &other, 0), ENOSYS);
    LACKS(futex_waitv);
    char *pages = map(2 * PAGE, private, -1);
    TRY("madvise(MADV_HUGEPAGE)", madvise(pages, PAGE, MADV_HUGEPAGE) == 0);
    TRY("madvise(MADV_MERGEABLE)", madvise(pages, PAGE, MADV_MERGEABLE) == 0);
    pages[0] = 7;
    TRY("madvise(MADV_PAGEOUT)", madvise(pages, PAGE, MADV_PAGEOUT) == 0 && pages[0] == 7);
    LACKS(mbind);
    LACKS(set_mempolicy);
    LACKS(get_mempolicy);
    LACKS(userfaultfd);
    LACKS(pkey_alloc);
    LACKS(memfd_secret);
    LACKS(remap_file_pages);
    LACKS(process_madvise);
}

static void try_names(void) {
    static const char *const missing[] = {
        "/proc/self/smaps",   "/proc/self/mem", "/proc/self/ns",    "/proc/self/io",
        "/proc/self/pagemap", "/proc/net",      "/proc/interrupts", "/proc/vmstat",
        "/sys/class",         "/dev/log",       "/dev/mem",         "/dev/kmsg"};
    char name[100];
    int one, two;

    for (unsigned i = 0; i < sizeof missing / sizeof *missing; i++)
        FAILS(missing[i], access(missing[i], F_OK), ENOENT);
    TRY("/proc/self/exe", readlink("/proc/self/exe", name, sizeof name) > 0);
    FAILS("/proc/self/exe", open("/proc/self/exe", O_RDONLY), ENOENT);
    FAILS("/dev/ptmx", open("/dev/ptmx", O_RDWR), ENXIO);
    FAILS("/dev/ptmx", openpty(&one, &two, NULL, NULL, NULL), ENXIO);
    FAILS("/dev/ptmx", posix_openpt(O_RDWR), ENXIO);
    TRY("block devices", mknod("/tmp/block", S_IFBLK | 0600, 0x800) == 0);
    FAILS("block devices", open("/tmp/block", O_RDONLY), ENXIO);
    mkdir("/tmp/here", 0755);
    FAILS("mount(MS_BIND)", mount("/tmp", "/tmp/here", NULL, MS_BIND, NULL), EINVAL);
    FAILS("mount(MS_MOVE)", mount("/tmp", "/tmp/here", NULL, MS_MOVE, NULL), EINVAL);
    FAILS("mount of other types", mount("x", "/tmp/here", "ext4", 0, NULL), ENODEV);
    TRY("mount of other types", mount("x", "/tmp/here", "tmpfs", 0, NULL) == 0);
    LACKS(pivot_root);
    LACKS(open_tree);
    LACKS(fsopen);
    LACKS(fanotify_init);
    LACKS(name_to_handle_at);
}

static void try_files(void) {
    int file = open("/tmp/file", O_CREAT | O_RDWR, 0600), ends[2];

    FAILS("setxattr", setxattr("/tmp/file", "user.x", "y", 1, 0), EOPNOTSUPP);
    LACKS(splice);
    LACKS(tee);
    LACKS(vmsplice);
    TRY("F_SETPIPE_SZ", pipe(ends) == 0 && fcntl(ends[0], F_SETPIPE_SZ, MIB) == MIB);
    FAILS("F_SETPIPE_SZ", fcntl(ends[0], F_SETPIPE_SZ, 2 * MIB), EPERM);
    FAILS("F_SETLEASE", fcntl(file, F_SETLEASE, F_RDLCK), EINVAL);
    FAILS("F_NOTIFY", fcntl(file, F_NOTIFY, 0), EINVAL);
    FAILS("fallocate(FALLOC_FL_COLLAPSE_RANGE)",
          fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, PAGE), EOPNOTSUPP);
    FAILS("fallocate(FALLOC_FL_INSERT_RANGE)",
          fallocate(file, FALLOC_FL_INSERT_RANGE, 0, PAGE), EOPNOTSUPP);
    FAILS("renameat2(RENAME_WHITEOUT)",
          syscall(SYS_renameat2, AT_FDCWD, "/tmp/file", AT_FDCWD, "/tmp/other", 4), EINVAL);
    LACKS(io_setup);
    LACKS(io_uring_setup);
    LACKS(getdents);
    LACKS(ustat);
    LACKS(sysfs);
    LACKS(uselib);
    TRY("O_NONBLOCK on standard output",
        fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK) == 0 &&
            fcntl(1, F_GETFL) & O_NONBLOCK);
}

static void try_datagrams(void) {
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = 9, .sin_addr.s_addr = 9};
    int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
    char data[1];

    FAILS("without an interface (atman-run without --net)",
          sendto(fd, "x", 1, 0, (struct sockaddr *)&far, sizeof far), ENETUNREACH);
    TRY("IP_RECVERR", setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one) == 0);
    FAILS("MSG_ERRQUEUE", recv(fd, data, 1, MSG_ERRQUEUE | MSG_DONTWAIT), EAGAIN);
}

static void try_group(void) {
    struct ip_mreq group = {.imr_multiaddr.s_addr = htonl(0xe0000905),
                            .imr_interface.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(9005)};
    int joins = socket(AF_INET, SOCK_DGRAM, 0), hears = socket(AF_INET, SOCK_DGRAM, 0);
    char data[4];

    setsockopt(joins, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
    close(joins);
    bind(hears, (struct sockaddr *)&here, sizeof here);
    here.sin_addr = group.imr_multiaddr;
    setsockopt(hears, IPPROTO_IP, IP_MULTICAST_IF, &group.imr_interface, 4);
    sendto(hears, "to a", 4, 0, (struct sockaddr *)&here, sizeof here);
    TRY("groups that a socket joined", recv(hears, data, sizeof data, MSG_DONTWAIT) == 4);
}

/* That it is kept is all that can be seen. */
#define KEPT(level, name)                                                                  \
    TRY(#name, setsockopt(stream, level, name, &(int){5}, 4) == 0 &&                       \
                   getsockopt(stream, level, name, &kept, &(socklen_t){4}) == 0 &&         \
                   kept == 5)

#define TAKEN(name)                                                                        \
    TRY(#name, setsockopt(stream, SOL_SOCKET, name, &(int){5}, 4) == 0 &&                  \
                   getsockopt(stream, SOL_SOCKET, name, &kept, &(socklen_t){4}) == 0 &&    \
                   kept == 0)

static void try_options(void) {
    int stream = socket(AF_INET, SOCK_STREAM, 0), kept = 0, mss = 1000;

    TRY("TCP_MAXSEG", setsockopt(stream, IPPROTO_TCP, TCP_MAXSEG, &mss, 4) == 0);
    KEPT(IPPROTO_TCP, TCP_USER_TIMEOUT);
    TRY("TCP_DEFER_ACCEPT",
        setsockopt(stream, IPPROTO_TCP, TCP_DEFER_ACCEPT, &(int){5}, 4) == 0);
    KEPT(IPPROTO_TCP, TCP_SYNCNT);
    TAKEN(SO_PRIORITY);
    TAKEN(SO_MARK);
    TRY("SO_BINDTODEVICE", setsockopt(stream, SOL_SOCKET, SO_BINDTODEVICE, "eth9", 5) == 0);
}

static void try_urgent(void) {
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listens = socket(AF_INET, SOCK_STREAM, 0), calls = socket(AF_INET, SOCK_STREAM, 0);
    char data[1];

    listen(listens, 1);
    getsockname(listens, (struct sockaddr *)&here, &size);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(calls, (struct sockaddr *)&here, size);
    FAILS("send and recv with MSG_OOB on TCP", send(calls, "x", 1, MSG_OOB), EOPNOTSUPP);
    FAILS("send and recv with MSG_OOB on TCP", recv(calls, data, 1, MSG_OOB), EINVAL);
}

static void try_sockets(void) {
    struct ifaddrs *interfaces;

    FAILS("socket(AF_PACKET) and other families", socket(AF_PACKET, SOCK_RAW, 0),
          EAFNOSUPPORT);
    FAILS("socket(AF_PACKET) and other families", socket(AF_BLUETOOTH, SOCK_RAW, 0),
          EAFNOSUPPORT);
    TRY("socket(AF_NETLINK)", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
    TRY("socket(AF_NETLINK)", getifaddrs(&interfaces) == 0);
    try_datagrams();
    try_group();
    try_options();
    try_urgent();
    FAILS("shmget", shmget(1, PAGE, IPC_CREAT | 0600), ENOSYS);
    FAILS("semget", semget(1, 1, IPC_CREAT | 0600), ENOSYS);
    FAILS("msgget", msgget(1, IPC_CREAT | 0600), ENOSYS);
    FAILS("mq_open", mq_open("/queue", O_CREAT | O_RDWR, 0600, NULL), ENOSYS);
}

static void try_signals(void) {
    signal(SIGCHLD, count_signal);
    TRY("SIGCHLD", fork() < 0 && signals_seen == 0);
    TRY("SIGSTOP", raise(SIGSTOP) == 0);
    TRY("SIGTSTP", raise(SIGTSTP) == 0);
    TRY("SIGTTIN", raise(SIGTTIN) == 0);
    TRY("SIGTTOU", raise(SIGTTOU) == 0);
}

static void try_clocks(void) {
    struct timespec now;
    struct timeval now_too;
    struct timex adjustment = {.modes = 0};
    struct itimerspec far = {.it_value = {.tv_sec = 1L << 32}};
    int timer = timerfd_create(CLOCK_REALTIME, 0);
    time_t zero = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    gettimeofday(&now_too, NULL);
    FAILS("clock_settime", clock_settime(CLOCK_REALTIME, &now), EPERM);
    FAILS("settimeofday", settimeofday(&now_too, NULL), EPERM);
    TRY("adjtimex", adjtimex(&adjustment) >= 0);
    adjustment.modes = ADJ_FREQUENCY;
    FAILS("adjtimex", adjtimex(&adjustment), EPERM);
    TRY("TFD_TIMER_CANCEL_ON_SET",
        timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) ==
            0);
    setenv("TZ", "ABC-5", 1);
    TRY("localtime", localtime(&zero)->tm_hour == 5);
    setenv("TZ", "Asia/Tokyo", 1);
    TRY("localtime", localtime(&zero)->tm_hour == 0);
    TRY("mktime", mktime(gmtime(&zero)) == 0);
}

static void try_threads(void) {
    struct rusage usage;
    char *pages = map(64 * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    pthread_attr_t attribute;
    size_t size = 0;

    TRY("nice", nice(5) == 5);
    TRY("setpriority",
        setpriority(PRIO_PROCESS, 0, 7) == 0 && getpriority(PRIO_PROCESS, 0) == 7);
    for (int i = 0; i < 64; i++)
        pages[i * PAGE] = 1;
    TRY("getrusage(RUSAGE_THREAD)",
        getrusage(RUSAGE_THREAD, &usage) == 0 && usage.ru_minflt == 0);
    TRY("getrusage(RUSAGE_SELF)",
        getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_minflt > 0 && usage.ru_minflt < 64);
    TRY("getauxval(AT_SYSINFO_EHDR)", getauxval(AT_SYSINFO_EHDR) == 0);
    FAILS("arch_prctl(ARCH_SET_GS)", syscall(SYS_arch_prctl, 0x1001, 0), EPERM);
    LACKS(rseq);
    LACKS(modify_ldt);
    LACKS(restart_syscall);
    pthread_attr_init(&attribute);
    TRY("threads' stacks",
        pthread_attr_getstacksize(&attribute, &size) == 0 && size == 131072);
}

static void try_library(void) {
    TRY("dlopen", !dlopen("plugin.so", RTLD_NOW) &&
                      !strcmp(dlerror(), "Dynamic loading not supported"));
    TRY("dlsym", !dlsym(RTLD_DEFAULT, "main"));
    TRY("setlocale", setlocale(LC_ALL, "xy_ZZ") != NULL);
}

int main(void) {
    try_processes();
    try_users();
    try_image();
    try_memory();
    try_names();
    try_files();
    try_sockets();
    try_signals();
    try_clocks();
    try_threads();
    try_library();
    return 0;
}
