# SPDX-License-Identifier: MIT
# Completion in bash, zsh and fish: the files are installed where the shells look, offer what
# --help lists and no other option, and do it in shells of their own.
. "$(dirname "$0")/../driver/lib.sh"
: "${ATMAN_BUILD:?}"

run cmake --install "$ATMAN_BUILD" --prefix "$work/prefix"
is 'status of the installation' "$status" 0
share=$work/prefix/share
for file in bash-completion/completions/atman-run zsh/site-functions/_atman-run \
    zsh/vendor-completions/_atman-run fish/vendor_completions.d/atman-run.fish; do
    there "$share/$file"
done
for name in atman-cc x86_64-atman-linux-musl-cc x86_64-atman-linux-musl-gcc x86_64-atman-linux-musl-clang; do
    there "$share/bash-completion/completions/$name"
    there "$share/fish/vendor_completions.d/$name.fish"
done
PATH=$work/prefix/bin:$PATH
export PATH
mkdir here here/folder
touch here/kernel here/main.c

# bash_offers WORD...: what bash offers for the last word, one a line. It is a shell's array,
# split as bash splits: at = and : too.
bash_offers() {
    bash --norc -c 'compopt() { :; }
        . "$1"
        shift
        cd here
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        name=$(complete -p "$1")
        name=${name#*-F }
        ${name%% *}
        printf "%s\n" "${COMPREPLY[@]}"' bash "$share/bash-completion/completions/$1" "$@" >.out 2>.err
    is "complaints of bash for $*" "$(cat .err)" ''
    sort .out | tr '\n' ' '
}
bash_is() { # bash_is WANTED WORD...
    wanted=$1
    shift
    is "bash: $*" "$(bash_offers "$@")" "$wanted"
}
words() { # the options in a help text
    grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]*' | tr -d ' ,' | sort -u
}
atman-run --help | words | tr '\n' ' ' >options
bash_is "$(cat options)" atman-run -
bash_is '--timeout ' atman-run --ti
bash_is 'folder kernel main.c ' atman-run ''
bash_is 'kernel ' atman-run --timeout 5 --gdb k
bash_is 'kernel ' atman-run kernel k
bash_is ' ' atman-run kernel --ti
bash_is 'warn ' atman-run --log w
bash_is 'warn ' atman-run --log = w
bash_is 'debug error info warn ' atman-run --log =
bash_is 'kernel ' atman-run --log = warn k
bash_is '--timeout ' atman-run -m 8M --log warn --ti
bash_is 'folder ' atman-run --files f
bash_is 'memory ' atman-run --trace = mem
bash_is 'memory,time ' atman-run --trace = memory,ti
bash_is 'kernel ' atman-run --trace k
bash_is 'main.c ' atman-cc ma
bash_is '-fatman-debug -fatman-foreign -fatman-process -fatman-trace ' atman-cc -fatman
bash_is 'c11 c17 c18 c1x ' atman-cc -std = c1
bash_is 'folder ' atman-cc --atman-files = f
bash_is '-fno-atman-process ' x86_64-atman-linux-musl-gcc -fno-atman-p
for option in -fsanitize-minimal-runtime -Ofast -Wall -MMD --help -print-sysroot; do
    case " $(bash_offers atman-cc "${option%?}")" in
    *" $option "*) verdict 0 ;;
    *) verdict 1 "bash does not offer $option" ;;
    esac
done

# In a shell on a terminal, with a command that shows its arguments.
mkdir bin
printf '#!/bin/sh\nprintf "<%%s>" "$@"\necho\n' >bin/atman-run
chmod +x bin/atman-run
cat >rc.bash <<END
PATH='$work/bin:$PATH' PS1='READY '
. '$share/bash-completion/completions/atman-run'
cd '$work/here'
END
typed() { # typed KEYS EXPECTED COMMAND...
    run env TERM=dumb python3 -B "$ATMAN_SOURCE/tests/docs/shell.py" "$@"
    is "status of ${3##*/} after $1" "$status" 0
}
typed 'atman-run --timeo\t5 --log w\tker\t\n' '<--timeout><5><--log><warn><kernel>' \
    bash --noprofile --rcfile rc.bash -i
mkdir zsh
cat >zsh/.zshrc <<END
PATH='$work/bin:$PATH'
fpath=('$share/zsh/site-functions' \$fpath)
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' insert-tab false
cd '$work/here'
PS1='READY '
END
typed 'atman-run --timeo\t5 --log=w\tker\t\n' '<--timeout=5><--log=warn><kernel>' \
    env ZDOTDIR="$work/zsh" zsh -i
cp bin/atman-run bin/show
printf 'show() { command show "$@" }\ncompdef _atman-cc show\n' >>zsh/.zshrc
cat >bin/show <<'END'
#!/bin/sh
case $1 in --autocomplete=*) exec atman-cc "$@" ;; esac
printf '<%s>' "$@"
echo
END
typed 'show -fno-atman-p\t -std=c1\t1 ma\t\n' '<-fno-atman-process><-std=c11><main.c>' \
    env ZDOTDIR="$work/zsh" zsh -i

# fish tells by itself, with what each is for.
fish_offers() { # fish_offers FILE LINE
    (cd here && HOME=$work fish --no-config -c "source '$share/fish/vendor_completions.d/$1'; complete -C '$2'") |
        cut -f 1 | sort | tr '\n' ' '
}
# (those that may have a value twice, with = as well)
fish_offers atman-run.fish 'atman-run --' | tr -d = | tr ' ' '\n' | grep . | uniq >fish_options
is 'fish: options' "$(cat fish_options)" "$(tr ' ' '\n' <options | grep '^--')"
is 'fish: a value' "$(fish_offers atman-run.fish 'atman-run --log w')" 'warn '
is 'fish: own' "$(fish_offers atman-cc.fish 'atman-cc -fno-atman')" \
    '-fno-atman-debug -fno-atman-foreign -fno-atman-process -fno-atman-trace '
is "fish: clang's" "$(fish_offers atman-cc.fish 'atman-cc -std=c1')" '-std=c11 -std=c17 -std=c18 -std=c1x '

finish
