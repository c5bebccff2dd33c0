# SPDX-License-Identifier: MIT
# Fish completes atman-cc's command lines: its own options, and clang's, which clang knows.
function __atman_cc
    set -l word (commandline -ct)
    set -l all (commandline -opc)
    if string match -q -- '-*=*' $word
        set -l option (string replace -r '=.*' '=' -- $word)
        set -l value (string replace -r '^[^=]*=' '' -- $word)
        for line in ($all[1] --autocomplete=$option,$value 2>/dev/null)
            echo $option$line
        end
    else if string match -q -- '-*' $word
        $all[1] --autocomplete=$word 2>/dev/null
    else if string match -q -- '-*' $all[-1]
        $all[1] --autocomplete=$all[-1],$word 2>/dev/null
    end
end
for name in atman-cc x86_64-atman-linux-musl-{cc,gcc,clang}
    complete -c $name -a '(__atman_cc)'
    complete -c $name -l atman-files -r -d 'Put the folder into the image'
    complete -c $name -o fatman-debug -d 'Link the runtime that checks itself'
    complete -c $name -o fno-atman-debug -d 'Not that one'
    complete -c $name -o fatman-trace -d 'Link the tracer of system calls'
    complete -c $name -o fno-atman-trace -d 'Not that one'
    complete -c $name -o fatman-foreign -d 'Let in objects of other compilers'
    complete -c $name -o fno-atman-foreign -d 'Only those of atman-cc'
    complete -c $name -o fatman-process -d 'An image that is a Linux process, too'
    complete -c $name -o fno-atman-process -d 'A guest only'
    complete -c $name -o print-sysroot -d 'Where the headers and libraries are'
    complete -c $name -l help -d 'A short help'
    complete -c $name -l version -d 'The versions, and a hash of the sysroot'
end
