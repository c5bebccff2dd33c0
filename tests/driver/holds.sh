# SPDX-License-Identifier: MIT
# An image holds what its program can reach, and not what it cannot.
. "$(dirname "$0")/lib.sh"

run=$ATMAN_TOOLCHAIN/bin/atman-run

# program NAME HEADERS: the source is main's body, on stdin.
program() {
    {
        for header in $2; do echo "#include <$header>"; done
        echo 'int main(int argc, char **argv) { (void)argc, (void)argv;'
        cat
        echo 'return 0; }'
    } >"$1.c"
    passes "$cc" -O2 "$1.c" -o "$1"
}

# has FILE SYMBOL... and lacks FILE SYMBOL...: parts of the runtime, by one function of each.
symbols() {
    "$ATMAN_LLVM_BINDIR/llvm-nm" "$1" | sed 's/.* //' >symbols
}
has() {
    symbols "$1"
    shift
    for symbol; do run grep -cx "$symbol" symbols; says '^1$'; done
}
lacks() {
    symbols "$1"
    shift
    for symbol; do run grep -cx "$symbol" symbols; says '^0$'; done
}

files=files_start threads=schedule_yield signals=signal_deliver store=request
stack=tcp_input
disks=devices_expect # any path may be a disk's: what opens files opens them

program prints stdio.h <<'END'
printf("%s\n", argv[0]);
END
lacks prints $files $threads $signals $store

program asks 'stdio.h atman/xenstore.h' <<'END'
char name[64];
if (atman_xenstore_read(0, "name", name, sizeof name) >= 0)
    puts(name);
END
has asks $threads $store
lacks asks $files $signals store_watch_add store_begin

# The library would look for the zone's file, though a date in UTC needs none.
program date 'stdio.h time.h' <<'END'
time_t now = time(NULL);
char text[64];
strftime(text, sizeof text, "%c %Z", gmtime(&now));
puts(text);
END
lacks date $files $threads $signals

program allocates 'stdlib.h stdio.h' <<'END'
printf("%p\n", malloc((size_t)argc));
END
lacks allocates $files $disks $threads $signals

program thread 'pthread.h stddef.h' <<'END'
pthread_t thread;
pthread_create(&thread, NULL, (void *(*)(void *))main, NULL);
END
has thread $threads
lacks thread $files $disks

program opens stdio.h <<'END'
fopen("/etc/hosts", "r");
END
has opens $files $disks
lacks opens $signals discipline_input $stack

program pairs 'sys/socket.h stdio.h' <<'END'
int pair[2];
printf("%d\n", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
END
has pairs $files $threads
lacks pairs $stack

program serves 'sys/socket.h stdio.h' <<'END'
printf("%d\n", socket(AF_INET, SOCK_STREAM, 0));
END
has serves $files $threads $stack net_tx_send

program terminal 'stdio.h termios.h' <<'END'
struct termios settings;
printf("%d\n", tcgetattr(0, &settings));
END
has terminal $files discipline_input

# Who asks for the local time opens no file itself, and the zone's file counts.
program local 'stdio.h time.h' <<'END'
time_t then = 0;
char text[64];
strftime(text, sizeof text, "%H:%M %Z", localtime(&then));
puts(text);
END
has local $files
mkdir -p tree/etc
{
    printf TZif2 && head -c 39 /dev/zero
    printf TZif2 && head -c 31 /dev/zero && printf '\0\0\0\1\0\0\0\4'
    printf '\0\0\052\060\0\0XYZ\0\nXYZ-3\n' # three hours to the east
} >tree/etc/localtime
passes "$run" --files tree local
says '^03:00 XYZ'
passes "$run" local
says '^00:00 UTC'

finish
