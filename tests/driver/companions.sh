# SPDX-License-Identifier: MIT
# The tools beside the compiler under their triple's names, and the headers beside the C
# library's.
. "$(dirname "$0")/lib.sh"

prefix=$ATMAN_TOOLCHAIN/bin/x86_64-atman-linux-musl

# The C compiler by each of its names.
for name in cc gcc clang; do
    passes "$prefix-$name" hello.c -o out
    image out
    passes "$prefix-$name" -dumpmachine
    is "-dumpmachine of $name" "$(cat .out)" x86_64-atman-linux-musl
done

# C++ is not there, in one line, whatever is asked.
echo 'int main() { return 0; }' >x.cc
for name in "$prefix-c++" "$prefix-g++" "$prefix-clang++" "$ATMAN_TOOLCHAIN/bin/atman-c++"; do
    for question in --version '-c x.cc' 'x.cc -o out2' ''; do
        # shellcheck disable=SC2086
        fails 1 '^atman-cc: C\+\+: not there yet' "$name" $question
        is 'lines of the message' "$(cat .out .err | wc -l)" 1
        gone out2 x.o
    done
done
fails 1 '^atman-cc: --driver-mode=g\+\+: atman-cc is a C compiler' \
    "$cc" --driver-mode=g++ -c x.cc

# Each tool does its work.
passes "$cc" -g -c hello.c twice.c
passes "$prefix-ar" rc libtwice.a twice.o
passes "$prefix-ranlib" libtwice.a
passes "$prefix-gcc-ar" t libtwice.a
says '^twice\.o$'
passes "$prefix-nm" --print-armap libtwice.a
says '^twice in twice\.o$'
passes "$prefix-gcc-nm" twice.o
says ' T twice$'
passes "$prefix-strip" -g -o stripped.o twice.o
passes "$prefix-objcopy" --rename-section .comment=.remark twice.o renamed.o
passes "$prefix-readelf" -S renamed.o
says '\.remark '
passes "$prefix-objdump" -d twice.o
says '<twice>:'
passes "$prefix-size" twice.o
says '^ +text'
passes "$prefix-strings" hello.o
says '^Hello, world$'
passes "$cc" -g hello.c -o out
address=$("$prefix-nm" out | sed -n 's/ T main$//p')
passes "$prefix-addr2line" -fe out "$address"
says '^main$'
says 'hello\.c:'
run "$prefix-ld" -v
says 'compatible with GNU linkers'
passes "$prefix-ld" -r hello.o twice.o -o both.o
object both.o
lib=$ATMAN_TOOLCHAIN/sysroot/usr/lib
passes "$prefix-ld" "$lib/crt1.o" hello.o -lc -lgcc -o byhand
image byhand

# What the compiler says about them; through links; without LLVM.
for name in ar nm ranlib strip objcopy objdump readelf size addr2line strings ld; do
    passes "$cc" -print-prog-name=$name
    is "-print-prog-name=$name" "$(cat .out)" "$ATMAN_TOOLCHAIN/libexec/atman/$name"
done
passes "$ATMAN_TOOLCHAIN/libexec/atman/ar" t libtwice.a
ln -s "$prefix-nm" link-nm
run ./link-nm twice.o
mkdir empty
fails 1 '^nm: llvm-nm: not found in .*/empty' env ATMAN_LLVM="$work/empty" "$prefix-nm" twice.o
fails 1 'call it by the name of a tool' "$ATMAN_TOOLCHAIN/libexec/atman/atman-tool"

# pkg-config sees the sysroot only.
if command -v pkg-config >/dev/null; then
    mkdir -p host copy/libexec/atman copy/bin copy/sysroot/usr/lib/pkgconfig
    printf 'Name: mine\nDescription: a\nVersion: 3\nLibs: -L/usr/lib -lmine\nCflags: -I/usr/include/mine\nLibs.private: -lm\n' \
        >copy/sysroot/usr/lib/pkgconfig/mine.pc
    sed s/mine/host/ copy/sysroot/usr/lib/pkgconfig/mine.pc >host/host.pc
    cp "$ATMAN_TOOLCHAIN/libexec/atman/atman-tool" copy/libexec/atman/
    ln -s ../libexec/atman/atman-tool copy/bin/x86_64-atman-linux-musl-pkg-config
    PKG_CONFIG_PATH=$work/host
    export PKG_CONFIG_PATH
    passes pkg-config --exists host
    wrapper=copy/bin/x86_64-atman-linux-musl-pkg-config
    run "$wrapper" --exists host
    is "pkg-config finds the host's library: status" "$status" 1
    passes "$wrapper" --list-all
    is 'what pkg-config knows' "$(cut -d' ' -f1 .out)" mine
    passes "$wrapper" --libs --cflags mine
    says "-I$work/copy/sysroot/usr/include/mine"
    says '-lmine -lm'
    unset PKG_CONFIG_PATH
    fails 1 '^pkg-config: pkg-config: not found in PATH; apt-get install pkg-config' \
        env PATH=/nonexistent "$wrapper" --version
fi

# Linux's and BSD's headers, from the sysroot alone.
cat >headers.c <<'EOF'
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/cdefs.h>
#include <sys/queue.h>
#include <sys/tree.h>
#include <asm/types.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/limits.h>
#include <linux/random.h>
#include <linux/types.h>
#include <linux/version.h>
__BEGIN_DECLS
int prototype __P((int));
__END_DECLS
struct item {
    int value;
    TAILQ_ENTRY(item) next;
    RB_ENTRY(item) node;
};
static int compare(struct item *a, struct item *b) { return a->value - b->value; }
TAILQ_HEAD(list, item);
RB_HEAD(tree, item) tree = RB_INITIALIZER(&tree);
RB_GENERATE_STATIC(tree, item, node, compare)
int main(void) {
    struct item items[3] = {{.value = 2}, {.value = 1}, {.value = 3}}, *i;
    struct list list = TAILQ_HEAD_INITIALIZER(list);
    for (int k = 0; k < 3; k++) {
        TAILQ_INSERT_TAIL(&list, &items[k], next);
        RB_INSERT(tree, &tree, &items[k]);
    }
    TAILQ_FOREACH(i, &list, next) printf("%d", i->value);
    RB_FOREACH(i, tree, &tree) printf("%d", i->value);
    return FUTEX_WAIT + (int)sizeof(__u64) - 8;
}
EOF
passes "$cc" -Wall -Werror -Wno-unused-function headers.c -o headers
run "$cc" -H -fsyntax-only headers.c
grep -vE "^\.+ ($ATMAN_TOOLCHAIN|$ATMAN_LLVM_BINDIR|/usr/lib/llvm)" .err >elsewhere
is 'headers from elsewhere' "$(grep '^\.' elsewhere)" ''
passes "$ATMAN_TOOLCHAIN/bin/atman-run" headers
is 'what a guest makes of them' "$(cat .out)" 213123

# What a guest has only by name is known as such to configure and Meson; it links all the same.
for name in fork vfork execve posix_spawn popen system; do
    cat >stub.c <<EOF
#include <limits.h>
#if defined __stub_$name || defined __stub___$name
#error only by name
#endif
EOF
    fails 1 'only by name' "$cc" -c stub.c
done
echo '#include <unistd.h>
int main(void) { return fork() != -1; }' >fork.c
passes "$cc" -Wall -Werror fork.c -o fork
image fork

finish
