# SPDX-License-Identifier: MIT
# Makes the page of Linux's system calls:
#   awk -f system-calls.awk asm/unistd_64.h runtime/syscalls.def tests/guest/*/*.c
# Numbers and names are the header's, the state of each call is that of syscalls.def, which says
# how; and a test uses a call if it names it, is named after it, or calls one of the C library's
# functions below.
# A call without a state, or with two, is an error.
function complain(text) {
    print "system-calls.awk: " text > "/dev/stderr"
    broken = 1
}
function note(kind, text,    parts, names, n, i) {
    n = index(text, ": ")
    names = substr(text, 1, n - 1)
    text = substr(text, n + 2)
    n = split(names, parts, " ")
    for (i = 1; i <= n; i++) {
        if (parts[i] in kinds)
            complain(parts[i] ": two notes")
        kinds[parts[i]] = kind
        texts[parts[i]] = text
    }
}
function finish_note() {
    if (kind != "")
        note(kind, pending)
    kind = ""
}
# The functions that are a call's, beside that of its name.
function functions(    list, parts, n, i, words, m, k) {
    list = "pread64:pread pwrite64:pwrite preadv2:preadv pwritev2:pwritev newfstatat:fstatat " \
        "rt_sigaction:sigaction,signal rt_sigprocmask:sigprocmask,pthread_sigmask " \
        "rt_sigpending:sigpending rt_sigtimedwait:sigtimedwait,sigwaitinfo,sigwait " \
        "rt_sigqueueinfo:sigqueue rt_sigsuspend:sigsuspend rt_sigreturn:sigaction " \
        "fadvise64:posix_fadvise fallocate:posix_fallocate prlimit64:prlimit " \
        "pselect6:pselect epoll_pwait:epoll_wait eventfd2:eventfd signalfd4:signalfd " \
        "getdents64:readdir exit_group:exit,_exit,_Exit exit:pthread_exit clone:pthread_create " \
        "tkill:raise,pthread_kill umount2:umount wait4:wait,waitpid,wait3 open:fopen,open " \
        "writev:printf,puts readv:fread,fgets,getchar close:fclose statfs:statvfs " \
        "fstatfs:fstatvfs getpriority:nice setpriority:nice sched_getaffinity:sysconf " \
        "brk:sbrk,malloc sendfile:sendfile ioctl:isatty,tcgetattr,tcsetattr,ioctl " \
        "set_tid_address:main arch_prctl:main uname:gethostname nanosleep:sleep,usleep " \
        "set_robust_list:pthread_mutexattr_setrobust faccessat2:faccessat fchmodat2:fchmodat " \
        "shmget:shmget lseek:fseek,lseek futex:pthread_join,sem_wait times:clock"
    n = split(list, parts, " ")
    for (i = 1; i <= n; i++) {
        k = index(parts[i], ":")
        m = split(substr(parts[i], k + 1), words, ",")
        for (; m > 0; m--)
            of[substr(parts[i], 1, k - 1)] = of[substr(parts[i], 1, k - 1)] " " words[m]
    }
}
function use(word) {
    if (!((word, test) in seen)) {
        seen[word, test]
        used[word] = used[word] " " test
    }
}

FNR == 1 {
    input++
    n = split(FILENAME, part, "/")
    test = part[n - 1] "." part[n]
    sub(/\.c$/, "", test)
    if (input > 2)
        use(substr(test, index(test, ".") + 1))
}
input == 1 && /^#define __NR_/ {
    sub(/^__NR_/, "", $2)
    names[$3] = $2
    numbers[$2] = $3
    top = $3 > top ? $3 + 0 : top
}
input == 2 && /^SYSCALL\(/ {
    split($0, part, /[(),] */)
    listed[part[3]] = part[4]
    if (!(part[3] in numbers)) # newer than the header
        names[part[2]] = part[3]
    numbers[part[3]] = part[2]
    top = part[2] > top ? part[2] + 0 : top
}
input == 2 && /^ \* (part|also|none): / {
    finish_note()
    kind = substr($2, 1, 4)
    pending = substr($0, 10)
    next
}
input == 2 && kind != "" && /^ \*     / {
    sub(/^ \* */, "")
    pending = pending " " $0
    next
}
input == 2 { finish_note() }
input > 2 && !/^ *(\/\/|\/\*|\*)/ {
    # What is called, and perhaps what looks like it.
    for (line = $0; match(line, /[A-Za-z_][A-Za-z_0-9]* *\(/); line = substr(line, RSTART + RLENGTH)) {
        word = substr(line, RSTART, RLENGTH - 1)
        sub(/ *$/, "", word)
        use(word)
    }
    # SYS_name, and the tests' own macros.
    for (line = $0; match(line, /(SYS_|__NR_|CALL\(|NO\()[a-z_0-9]+/); line = substr(line, RSTART + RLENGTH)) {
        word = substr(line, RSTART, RLENGTH)
        sub(/^(SYS_|__NR_|CALL\(|NO\()/, "", word)
        use(word)
    }
}

# Some of the tests that use a call.
function tests_of(name,    words, n, i, all, some, count, had) {
    n = split(name of[name], words, " ")
    for (i = 1; i <= n; i++)
        all = all used[words[i]]
    n = split(all, words, " ")
    for (i = 1; i <= n; i++)
        if (!(words[i] in had)) {
            had[words[i]]
            if (++count <= 3)
                some = some (some == "" ? "" : ", ") words[i]
        }
    return count > 3 ? some " and " count - 3 " more" : some
}
function state_of(name) {
    if (!(name in kinds))
        return "whole"
    return (kinds[name] == "none" ? "ENOSYS" : kinds[name] == "part" ? "in part" : "whole") ": " texts[name]
}
END {
    functions()
    for (name in numbers) {
        if (name in listed ? name in kinds && kinds[name] != "part" : !(name in kinds))
            complain(name ": runtime/syscalls.def says nothing of it, or two things")
        count[substr(state_of(name), 1, 2)]++
    }
    for (name in kinds)
        if (!(name in numbers))
            complain(name ": a note in runtime/syscalls.def about a call that is none")
    print "<!-- SPDX-License-Identifier: MIT -->\n# System calls\n"
    print "Every system call of Linux for x86-64, by number. Of " length(numbers) " calls " \
        count["wh"] " are whole, " count["in"] " are there\nin part, and " count["EN"] \
        " fail with ENOSYS (\"Function not implemented\"), with what to do instead.\n"
    print "The tests are some of those in `tests/guest` that name the call or its function;" \
        "\n`efault.random_calls` makes all of them, with arguments at random. Made by" \
        "\n`docs/system-calls.awk` from `runtime/syscalls.def` and the tests.\n"
    print "| number | call | state | tests |\n| --- | --- | --- | --- |"
    for (i = 0; i <= top; i++)
        if (i in names)
            print "| " i " | `" names[i] "` | " state_of(names[i]) " | " tests_of(names[i]) " |"
    exit broken
}
