# SPDX-License-Identifier: MIT
# An image is a Linux process as well, which answers as the guest would.
. "$(dirname "$0")/lib.sh"

run=$ATMAN_TOOLCHAIN/bin/atman-run

cat >lives.c <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    pid_t child = fork();
    int status = 0;

    if (child == 0)
        _exit(7);
    if (child > 0 && waitpid(child, &status, 0) == child)
        printf("a child ended with %d\n", WEXITSTATUS(status));
    else
        printf("no child: %s\n", errno == ENOSYS ? "ENOSYS" : "another reason");
    for (int i = 1; i < argc; i++)
        printf("%s\n", argv[i]);
    printf("%s\n", getenv("NAME") ? getenv("NAME") : "no NAME");
    return 3;
}
END
passes "$cc" -O2 lives.c -o lives
for life in process guest; do
    if [ $life = process ]; then
        run env NAME=value ./lives one 'two words'
    else
        run "$run" -e NAME=value lives one 'two words'
    fi
    is "status of the $life" "$status" 3
    is "output of the $life" "$(tr '\n' '|' <.out)" 'no child: ENOSYS|one|two words|value|'
done
run env ATMAN_PROCESS=full ./lives
says '^a child ended with 7$'
run env ATMAN_PROCESS=fuller ./lives
says '^no child: ENOSYS$'

# Errors and output in one file stand in the order in which they were written.
cat >order.c <<'END'
#include <stdio.h>
int main(void) {
    for (int i = 0; i < 200; i++) {
        fprintf(i % 3 ? stdout : stderr, "%d\n", i);
        fflush(stdout);
    }
    return 0;
}
END
passes "$cc" order.c -o order
for command in ./order "$run order"; do
    $command >ordered 2>&1
    seq 0 199 | cmp -s - ordered
    verdict $? "$command: not in order"
done
$run order >ordered
is 'lines of standard output alone' "$(wc -l <ordered)" 133

# A number that is known at run time only.
cat >number.c <<'END'
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
    printf("%d %ld\n", argc, syscall(atol(argv[1])) > 0 ? 1L : -1L);
    return 0;
}
END
passes "$cc" -O2 number.c -o number
passes ./number 39 # getpid
says '^2 1$'
passes ./number 57 # fork
says '^2 -1$'

# What ends a process ends this one, for a shell as well.
printf '#include <stdlib.h>\nint main(void) { abort(); }\n' >aborts.c
passes "$cc" aborts.c -o aborts
run sh -c './aborts; echo $?' 2>/dev/null
says '^134$'
printf 'int main(void) { return *(volatile int *)8; }\n' >faults.c
passes "$cc" faults.c -o faults
run sh -c './faults; echo $?' 2>/dev/null
says '^139$'

# Every runtime, and link-time optimisation.
for flags in -fatman-debug -fatman-trace -flto; do
    passes "$cc" -O2 $flags hello.c -o hello
    passes ./hello
    says '^Hello, world$'
done

# Left out.
passes "$cc" -O2 -fno-atman-process hello.c -o hello
image hello
fails 126 '^atman: this is a Xen guest, and no Linux program \(-fno-atman-process\); atman-run' \
    ./hello
passes "$run" hello
says '^Hello, world$'
passes "$cc" -O2 -fno-atman-process -fatman-process hello.c -o hello
passes ./hello

# Any other loader.
run timeout 60 qemu-system-x86_64 -M pc -accel tcg -display none -no-reboot -serial stdio \
    -kernel hello </dev/null
is 'status of qemu -kernel' "$status" 0
says '^atman: this is a paravirtual Xen guest .*atman-run boots it'

# Its own entry: the C library's start is not needed.
cat >bare.c <<'END'
void _start(void) {
    __asm__ volatile("syscall" : : "a"(231), "D"(9));
    __builtin_unreachable();
}
END
passes "$cc" -O2 -nostartfiles bare.c -o bare
run ./bare
is 'status of bare' "$status" 9

finish
