# SPDX-License-Identifier: MIT
# Bash completes atman-cc's command lines: its own options, and clang's, which clang knows.
_atman_cc() {
    local own='--help --version -print-sysroot --atman-files= -fatman-debug -fno-atman-debug
        -fatman-trace -fno-atman-trace -fatman-foreign -fno-atman-foreign
        -fatman-process -fno-atman-process'
    local word=${COMP_WORDS[COMP_CWORD]} first='' second='' ask found
    ((COMP_CWORD < 1)) || first=${COMP_WORDS[COMP_CWORD - 1]}
    ((COMP_CWORD < 2)) || second=${COMP_WORDS[COMP_CWORD - 2]}
    COMPREPLY=()

    # -std=c11 comes as three words.
    if [[ $word == = && $first == -* ]]; then
        ask="$first=," word=
    elif [[ $first == = && $second == -* ]]; then
        ask="$second=,$word"
    elif [[ $word == -* ]]; then
        ask=$word
    elif [[ $first == -* ]]; then
        ask="$first,$word"
    fi
    if [[ $ask == --atman-files=,* ]]; then
        compopt -o filenames -o nospace
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
    fi
    [[ -z $ask ]] || found=$("${COMP_WORDS[0]}" --autocomplete="$ask" 2>/dev/null | cut -f 1)
    [[ $word != -* ]] || found+=" $own"
    [[ -z $found ]] || mapfile -t COMPREPLY < <(compgen -W "$found" -- "$word" | sort -u)
    if ((${#COMPREPLY[@]} == 0)); then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    elif [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
}
complete -F _atman_cc atman-cc x86_64-atman-linux-musl-{cc,gcc,clang}
