# SPDX-License-Identifier: MIT
# Makes the page of supported system calls from runtime/syscalls.def: each comment of one
# line there heads a table of the calls below it.
BEGIN {
    print "<!-- SPDX-License-Identifier: MIT -->\n# Supported system calls\n"
    print "Made from `runtime/syscalls.def`. Every other call is ENOSYS: the C library's"
    print "function fails with \"Function not implemented\"."
}
/^\/\* .* \*\/$/ && !/SPDX/ {
    sub(/^\/\* /, ""); sub(/ \*\/$/, "")
    print "\n## " $0 "\n\n| number | call | arguments |\n| --- | --- | --- |"
}
/^SYSCALL\(/ {
    split($0, part, /[(),] */)
    print "| " part[2] " | " part[3] " | " part[4] " |"
}
