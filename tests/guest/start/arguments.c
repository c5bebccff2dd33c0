/* SPDX-License-Identifier: MIT */
/*
 * Arguments reach main as they were given to atman-run: each is printed with its length,
 * and the host's build of this program says what is right.
 */
// native:
// stdout-from: native
// case: none
// case: spaces, quotes, backslashes
// args: a 'two words' ' lead and trail ' "it's" 'say "yes"' 'back\slash' '\' '\\' '"\' "'\\'"
// args: 'a  b' '\n' '$HOME `x` $(y) ${z}' '*' '?' '!' '#' '~' '&|;<>()[]{}'
// case: empty ones, commas, equals
// args: '' x '' '' a,b,,c , ,, = a=b '='
// case: bytes beyond ASCII
// args: 'grün' '日本語' '😀' 'é'
// case: white space of other kinds
// args: '	tab' '	' 'a	b'
// case: words that mean something to others
// args: -- -x --help -m 64 --timeout 1 -- atman.log=debug atman.env=A=B atman. atman.name=x --
// args: console=com1 root=/dev/x dom0_mem=1M noreboot
// case: very many
// args: a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j
// case: the line nearly full
// long-argument: 800
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        printf("%d: %zu <%s>\n", i, strlen(argv[i]), argv[i]);
    printf("%d, %s\n", argc,
           argv[argc] || !argv[0] || !*argv[0] ? "wrong" : "ended by NULL");
    return 0;
}
