# SPDX-License-Identifier: MIT
# Failures: the exit status is not 0, the message names the file, and no output remains.
. "$(dirname "$0")/lib.sh"

# Inputs that cannot be read.
fails 1 "no such file or directory: 'nothing.c'" "$cc" nothing.c -o out
fails 1 "no such file or directory: 'nothing.o'" "$cc" hello.c nothing.o -o out
mkdir folder.c
fails 1 'folder.c' "$cc" folder.c -o out
if [ "$(id -u)" != 0 ]; then
    cp hello.c secret.c
    chmod 0 secret.c
    fails 1 'secret.c' "$cc" secret.c -o out
fi
echo 'not an object' >garbage.o
fails 1 'garbage.o' "$cc" hello.c garbage.o -o out
gone out

# Errors in the program.
echo 'int main(void) { return nothing; }' >wrong.c
fails 1 "wrong.c:1:25: error: use of undeclared identifier 'nothing'" "$cc" wrong.c -o out
fails 1 'wrong.c' "$cc" -c wrong.c -o out
fails 1 'wrong.c' "$cc" -S wrong.c -o out
gone out

# Libraries and symbols that are not there.
fails 1 'unable to find library -lnothing' "$cc" hello.c -lnothing -o out
gone out
echo 'int nothing(void); int main(void) { return nothing(); }' >undefined.c
fails 1 'undefined symbol: nothing' "$cc" undefined.c -o out
complains 'undefined.*main'
gone out
echo 'int main(void) { return 0; }' >again.c
fails 1 'duplicate symbol: main' "$cc" hello.c again.c -o out
gone out
fails 1 'undefined symbol: main' "$cc" twice.c -o out
gone out

# An output of an earlier run does not survive a failure as if it were new.
passes "$cc" hello.c -o out
fails 1 'undefined symbol' "$cc" undefined.c -o out
gone out

# The output is a folder, or in no folder.
mkdir folder
fails 1 'folder' "$cc" hello.c -o folder
fails 1 'folder' "$cc" -c hello.c -o folder
fails 1 'nowhere/out' "$cc" hello.c -o nowhere/out
fails 1 'nowhere/out' "$cc" -c hello.c -o nowhere/out
[ -d folder ]
verdict $? 'the folder is still there'

# The full device.
fails 1 '^ld\.atman: /dev/full: No space left on device$' "$cc" hello.c -o /dev/full
for phase in -c -S -E; do
    fails 1 '^atman-cc: /dev/full: No space left on device$' "$cc" $phase hello.c -o /dev/full
done
[ -c /dev/full ]
verdict $? '/dev/full is still there'

# What no guest can be.
fails 1 '^atman-cc: -shared: a guest is one static image; leave it out$' \
    "$cc" -shared hello.c -o out
fails 1 '^atman-cc: -m32: guests are 64-bit' "$cc" -m32 hello.c -o out
fails 1 '^atman-cc: --target=aarch64-linux-gnu: guests are 64-bit' \
    "$cc" --target=aarch64-linux-gnu hello.c -o out
fails 1 '^atman-cc: -target: guests are 64-bit' "$cc" -target arm hello.c -o out
fails 1 '^atman-cc: -fsanitize=address: there is no runtime' \
    "$cc" -fsanitize=address hello.c -o out
fails 1 'add -fsanitize-minimal-runtime, or -fsanitize-trap=all' \
    "$cc" -fsanitize=undefined hello.c -o out
gone out
passes "$cc" -fsanitize=undefined -fsanitize-trap=all hello.c -o out
image out
rm out

# No LLVM where it should be: one line, which names it and how to get it.
mkdir empty
fails 1 '^atman-cc: clang: not found in .*/empty,.* apt-get install clang-19$' \
    env ATMAN_LLVM="$work/empty" "$cc" hello.c -o out
is 'lines of the message' "$(wc -l <.err)" 1
run env ATMAN_LLVM="$work/empty" "$cc" --version
is 'status of --version without clang' "$status" 0
says 'clang-19 not found'
ln -s "$ATMAN_LLVM_BINDIR/clang" empty/clang
fails 1 '^ld\.atman: ld\.lld: not found in .*/empty,.* apt-get install lld-19$' \
    env ATMAN_LLVM="$work/empty" "$cc" hello.c -o out
gone out

# The linker's exit status and death come through.
cat >empty/ld.lld <<'EOF'
#!/bin/sh
for word; do [ "$last" = -o ] && out=$word; last=$word; done
: >"$out"
eval "$SCRIPT"
EOF
chmod +x empty/ld.lld
fails 3 'linker command failed with exit code 3' \
    env ATMAN_LLVM="$work/empty" SCRIPT='exit 3' "$cc" hello.c -o out
gone out
fails 254 'killed by signal 9' \
    env ATMAN_LLVM="$work/empty" SCRIPT='kill -KILL $$' "$cc" hello.c -o out
gone out
# Called without clang, which would clean up by itself.
passes "$cc" -c hello.c twice.c
fails 3 'says no' env ATMAN_LLVM="$work/empty" SCRIPT='echo says no >&2; exit 3' "$ld" hello.o -o out
gone out
passes "$cc" hello.c -o out
fails 1 'undefined symbol: printf' "$ld" -u main hello.o -o out
gone out
fails 1 'undefined symbol: _start' "$ld" twice.o -o out
gone out
# The compiler's, too.
rm empty/clang
printf '#!/bin/sh\nexit 70\n' >empty/clang
chmod +x empty/clang
run env ATMAN_LLVM="$work/empty" "$cc" hello.c -o out
is "clang's status" "$status" 70

finish
