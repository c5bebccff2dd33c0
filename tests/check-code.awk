# SPDX-License-Identifier: MIT
# Reads `llvm-objdump -d --no-show-raw-insn` of a runtime and prints one line for each
# instruction that it must not have: an access below the stack pointer (the red zone), or a
# system call outside of the function `hypercall`, which has exactly one.
#
# Below the stack pointer means: an operand -N(%rsp); or -N(%rbp) in a function whose %rbp is
# the frame pointer and whose stack never reaches N bytes below it. With an index register
# the address is not known, so such operands pass; `lea -N(%rsp), %rsp` makes room.

function hex(digits,    i, value) {
    for (i = 1; i <= length(digits); i++)
        value = value * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
    return value
}

# The displacement N of the operand -0xN(register), or 0 if there is none.
function below(register,    text) {
    if (!match($0, "-0x[0-9a-f]+\\(%" register "\\)"))
        return 0
    text = substr($0, RSTART + 3, RLENGTH - 3)
    sub(/\(.*/, "", text)
    return hex(text)
}

function report(what) {
    print what ": " address " in " name
}

# All accesses through %rbp are judged at a function's end, when its depth is known; the
# first bad one stands for all. Without symbols (".text") there are no functions to judge.
function finish(    i) {
    for (i = 1; frame && name !~ /^\./ && i <= accesses; i++)
        if (reach[i] > depth && !(lea[i] && reach[i] > depth + 128)) {
            print "red zone (below the stack, through %rbp): " place[i] " in " name
            break
        }
    frame = depth = accesses = 0
}

/^[0-9a-f]+ <.*>:$/ {
    finish()
    name = $2
    gsub(/[<>:]/, "", name)
    next
}

!/^ +[0-9a-f]+:/ { next }

{
    address = $1
    sub(/:/, "", address)
    sub(/[ \t]+#.*/, "") # objdump's remarks
}

$2 == "syscall" || $2 == "sysenter" {
    if (name == "hypercall" && $2 == "syscall")
        calls++
    else
        report("stray " $2)
}

# lock_take touches the stack below it, so that it need not grow under a lock.
below("rsp") && !($2 ~ /^lea/ && /, %rsp$/) && name != "lock_take" {
    report("red zone (below the stack)")
}

# How far the stack goes below the frame pointer, at most.
$2 ~ /^mov/ && /%rsp, %rbp$/ { frame = 1; depth = 0 }
$2 ~ /^push/ { depth += 8 }
$2 ~ /^sub/ && /, %rsp$/ {
    if (match($3, /^\$0x[0-9a-f]+/))
        depth += hex(substr($3, 4, RLENGTH - 3))
    else
        depth = 2 ^ 40 # by a register: alloca
}
$2 ~ /^add/ && /, %rsp$/ && match($3, /^\$-0x[0-9a-f]+/) {
    depth += hex(substr($3, 5, RLENGTH - 4))
}
$2 ~ /^(lea|mov)/ && /, %rsp$/ && !/\(%r[sb]p\), %rsp$/ { depth = 2 ^ 40 }
below("rsp") && $2 ~ /^lea/ && /, %rsp$/ { depth += below("rsp") }
$2 ~ /^and/ && /, %rsp$/ { depth += 4096 }

# A lea that reaches past the red zone is arithmetic, such as "is this near the stack?".
below("rbp") && !/, %rsp$/ {
    accesses++
    lea[accesses] = $2 ~ /^lea/
    reach[accesses] = below("rbp")
    place[accesses] = address
}

END {
    finish()
    if (calls != 1)
        print "hypercall: " calls + 0 " syscall instructions, not one"
}
