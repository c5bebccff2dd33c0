# SPDX-License-Identifier: MIT
# Asks clang and lld which options take a separate argument, and compares with the lists in
# driver/options.c: one that is missing there would have its argument read as an option.
. "$(dirname "$0")/lib.sh"

lists=$ATMAN_SOURCE/driver/options.c
# list NAME: the words of one list, a line each.
list() {
    sed -n "/ $1\[\] =/,/;/p" "$lists" | grep -o '"[^"]*"' | tr -d '"' | tr -s ' ' '\n'
}
clang_wants() {
    "$ATMAN_LLVM_BINDIR/clang" --target=x86_64-linux-musl '-###' "$1" 2>&1 |
        grep -q "argument to '$1' is missing"
}
lld_wants() {
    "$ATMAN_LLVM_BINDIR/ld.lld" "$1" 2>&1 | grep -q 'missing argument'
}

# What the lists have, the tools have.
list compiler_one >compiler
[ "$(wc -l <compiler)" -gt 100 ]
verdict $? 'the list of compiler options was not found'
while read -r option; do
    clang_wants "$option"
    verdict $? "clang: $option takes no separate argument"
done <compiler
list linker_names >linker
[ "$(wc -l <linker)" -gt 50 ]
verdict $? 'the list of linker options was not found'
while read -r option; do
    lld_wants "--$option" || lld_wants "-$option"
    verdict $? "lld: --$option takes no separate argument"
done <linker
for letter in $(sed -n 's/.*linker_letters\[\] = "\(.*\)".*/\1/p' "$lists" | sed 's/./& /g'); do
    lld_wants "-$letter"
    verdict $? "lld: -$letter takes no separate argument"
done

# What the tools have, the lists have. (Of clang's, all but the families that are flags.)
"$ATMAN_LLVM_BINDIR/clang" --autocomplete=- | cut -f1 | grep -v '[=,]$' |
    grep -vE '^--?(f|m|W|O|g|cuda|hip|no-|print|std|offload|rocm|dxil)' |
    grep -vE '^-(Xarch_|Xopenmp-target|Xoffload-linker)' | sort -u >all
[ "$(wc -l <all)" -gt 200 ]
verdict $? "clang's list of its options was not found"
grep -vxF -f compiler all >others
while read -r option; do
    clang_wants "$option" && verdict 1 "clang: $option takes a separate argument"
done <others
"$ATMAN_LLVM_BINDIR/ld.lld" --help | grep -oE '^  --[A-Za-z0-9-]+' | tr -d ' ' |
    sed 's/^--//' | sort -u >all
[ "$(wc -l <all)" -gt 200 ]
verdict $? "lld's list of its options was not found"
grep -vxF -f linker all >others
while read -r option; do
    lld_wants "--$option" && verdict 1 "lld: --$option takes a separate argument"
done <others

finish
