# SPDX-License-Identifier: MIT
# Bash completes atman-run's command lines: options, their values, a kernel, and its arguments.
_atman_run_value() { # _atman_run_value OPTION WORD: what may follow the option
    local word=$2
    case $1 in
    --log) mapfile -t COMPREPLY < <(compgen -W 'error warn info debug' -- "$word") ;;
    -m | --memory) mapfile -t COMPREPLY < <(compgen -W '8M 16M 64M 256M 1G' -- "$word") ;;
    --vcpus) mapfile -t COMPREPLY < <(compgen -W '1 2 4 8' -- "$word") ;;
    --files)
        compopt -o filenames -o nospace
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        ;;
    --print-config) mapfile -t COMPREPLY < <(compgen -W 'xl libvirt' -- "$word") ;;
    --ramdisk | --pack | --disk)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    --tz)
        compopt -o nospace
        mapfile -t COMPREPLY < <(compgen -W "$(cd /usr/share/zoneinfo 2>/dev/null &&
            find -L [A-Z]* -type f)" -- "$word")
        ;;
    --trace | --summary)
        compopt -o nospace
        # What is before the last comma stays.
        local before=
        [[ $word != *,* ]] || before=${word%,*},
        mapfile -t COMPREPLY < <(compgen -P "$before" -W 'all desc file memory signal process
            thread time network identity' -- "${word##*,}")
        ;;
    esac
}
_atman_run() {
    local options='-m --memory --vcpus -e --env --files --ramdisk --cwd --tz --hostname --timeout
        -v --verbose --log --trace --summary --gdb --xl --disk
        --net -p --publish --ip --print-config --pack -h --help --version'
    local word=${COMP_WORDS[COMP_CWORD]} i option=
    COMPREPLY=()
    # Up to the kernel: which option is the word a value of?
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        =)  # --log=warn comes as three words
            option=${COMP_WORDS[i - 1]}
            ((++i < COMP_CWORD)) && option=
            ;;
        -m | -e | --memory | --vcpus | --env | --files | --ramdisk | --cwd | --tz | --hostname | \
            --timeout | --log | --pack | --disk | -p | --publish | --ip)
            [[ ${COMP_WORDS[i + 1]} == = ]] && continue
            option=${COMP_WORDS[i]}
            ((++i < COMP_CWORD)) && option=
            ;;
        -*) ;;
        *)  # behind the kernel
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        esac
    done
    if [[ $word == = ]]; then
        option=${COMP_WORDS[COMP_CWORD - 1]} word=
    fi
    if [[ -n $option ]]; then
        _atman_run_value "$option" "$word"
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -F _atman_run atman-run
