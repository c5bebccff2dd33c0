/* SPDX-License-Identifier: MIT */
/* Signals that a program sends itself and does not handle end it with 128 + signal. */
// native:
// case: abort
// args: abort
// exit: 134
// stdout: printed before
// stderr-like: ^atman: fatal: .*abort.* \(SIGABRT\)$
// stderr-like: in give_up at .*crash/fatal_signal\.c:@{abort}$
// case: abort with a handler that returns
// args: handled
// exit: 134
// stdout: handled 6
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// case: abort while ignored
// args: ignored
// exit: 134
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// case: abort while blocked
// args: blocked
// exit: 134
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// case: a failed assertion
// args: assert
// exit: 134
// stderr-like: Assertion failed: .*argc == 77.*fatal_signal\.c
// stderr-like: ^atman: fatal: .* \(SIGABRT\)$
// case: SIGTERM
// args: 15
// exit: 143
// stderr-like: ^atman: fatal: .* \(SIGTERM\)$
// case: SIGKILL
// args: 9
// exit: 137
// stderr-like: ^atman: fatal: .* \(SIGKILL\)$
// case: SIGUSR1
// args: 10
// exit: 138
// stderr-like: ^atman: fatal: .* \(SIGUSR1\)$
// case: SIGSEGV sent, not caused
// args: 11
// exit: 139
// stderr-like: ^atman: fatal: .* \(SIGSEGV\)$
// case: SIGQUIT
// args: 3
// exit: 131
// stderr-like: ^atman: fatal: .* \(SIGQUIT\)$
// case: SIGPIPE
// args: 13
// exit: 141
// stderr-like: ^atman: fatal: .* \(SIGPIPE\)$
// case: SIGSYS
// args: 31
// exit: 159
// stderr-like: ^atman: fatal: .* \(SIGSYS\)$
// case: the last one
// args: 64
// exit: 192
// stderr-like: ^atman: fatal:
// case: a real-time signal
// args: 40
// exit: 168
// stderr-like: ^atman: fatal:
// case: from a handler, with SA_RESETHAND
// args: again
// exit: 138
// stdout: handled 10
// stderr-like: ^atman: fatal: .* \(SIGUSR1\)$
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void handler(int signal) {
    char text[] = "handled \n\n";

    if (signal >= 10) {
        text[8] = (char)('0' + signal / 10);
        text[9] = (char)('0' + signal % 10);
        write(1, text, 10);
        write(1, "\n", 1);
        raise(signal);
        return;
    }
    text[8] = (char)('0' + signal);
    write(1, text, 10);
}

__attribute__((noinline)) static void give_up(void) {
    printf("printed before\n");
    fflush(stdout);
    abort(); /* here: abort */
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "";
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGABRT);
    if (!strcmp(how, "abort"))
        give_up();
    if (!strcmp(how, "handled"))
        signal(SIGABRT, handler);
    if (!strcmp(how, "ignored"))
        signal(SIGABRT, SIG_IGN);
    if (!strcmp(how, "blocked"))
        sigprocmask(SIG_BLOCK, &set, NULL);
    if (!strcmp(how, "handled") || !strcmp(how, "ignored") || !strcmp(how, "blocked"))
        abort();
    if (!strcmp(how, "assert"))
        assert(argc == 77);
    if (!strcmp(how, "again")) {
        struct sigaction action = {.sa_handler = handler,
                                   .sa_flags = SA_RESETHAND | SA_NODEFER};
        sigaction(SIGUSR1, &action, NULL);
        raise(SIGUSR1);
    }
    kill(getpid(), atoi(how));
    return 99;
}
