# SPDX-License-Identifier: MIT
"""Threads of an Atman guest in gdb, which itself sees the machine's processors only.

    info atman-threads      every thread: its state and the place in the program
    atman-thread ID         selects one: `bt`, `up`, `info locals` and the like are about it
    atman-backtrace [ID]    the backtrace of one, or of all

`atman-run --gdb` and `atman-core` print the command that loads this. Nothing in the guest is changed: a
thread that does not run is shown as if it had called frame 0, the processor's own, and is
left as soon as the guest goes on."""

import struct

import gdb
import gdb.unwinder

# Offsets and sizes in the structures of the runtime and of the one with checks.
# @OFFSETS@

XEN = 1 << 47  # addresses from here on are not the guest's
XEN_STACK = 0x8000  # of a processor; the registers of what it interrupted are at its end
# xen/include/public/arch-x86/xen-x86_64.h, struct cpu_user_regs
XEN_REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi vector "
                 "rip cs eflags rsp ss").split()
SAVED = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip".split()
READY, SLEEPING = 0, 1
DEEPEST = 64  # frames that are looked at for a place in the program


class Unknown(gdb.GdbError):
    """It cannot be found out; the text is for the user."""


def read(address, size):
    try:
        return bytes(gdb.selected_inferior().read_memory(address, size))
    except gdb.MemoryError as error:
        raise Unknown(f"the guest's memory at {address:#x} cannot be read: has it started?"
                      ) from error


def word(address):
    return struct.unpack("<Q", read(address, 8))[0]


def symbol(name):
    """The address of one of the runtime's names, or None: the image has not got it."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))
    except gdb.error:
        return None


def need(name):
    address = symbol(name)
    if address is None:
        raise Unknown(f"{name}: no such symbol; is the image stripped, or not Atman's?")
    return address


def offsets():
    return CHECKED if symbol("atman_lock_check_take") else PLAIN


def unsigned(value):
    return int(value) & (1 << 64) - 1


def register(name):
    """Of the selected processor, whichever frame is selected."""
    return unsigned(gdb.newest_frame().read_register(name))


class Thread:
    """A thread of the guest, by the address of its struct thread."""

    def __init__(self, address, vcpu):
        at = offsets()
        self.address = address
        self.vcpu = vcpu  # that runs it, or None
        self.id = struct.unpack("<i", read(address + at["thread.tid"], 4))[0]
        self.state = read(address + at["thread.state"], 1)[0]
        self.name = read(address + at["thread.name"], 16).split(b"\0")[0].decode("latin-1")

    def describe(self):
        if self.vcpu is not None:
            return f"runs on vCPU {self.vcpu}"
        if self.state == READY:
            return "ready"
        if self.state != SLEEPING:
            return "has ended"
        futex = word(self.address + offsets()["thread.futex"])
        return f"waits for futex {futex:#x}" if futex else "sleeps"

    def registers(self):
        """Those that are known, by name; of a thread that does not run."""
        at = offsets()
        stack = word(self.address + at["thread.sp"])
        if word(stack + at["switch.rip"]) == need("atman_switch_resume"):
            frame = self.address + at["thread.frame"]
            return {n: word(frame + at[f"frame.{n}"]) for n in SAVED}
        found = {n: word(stack + at[f"switch.{n}"])
                 for n in ("r15", "r14", "r13", "r12", "rbx", "rbp", "rip")}
        found["rsp"] = stack + at["switch.size"]
        return found


def lines():
    at = offsets()
    first = need("atman_vcpu_lines")
    return [first + i * at["line.size"] for i in range(at["lines"])]


def tree(node):
    """The nodes in order. There may be thousands of threads, but no deep trees."""
    if node:
        child = node + offsets()["node.child"]
        yield from tree(word(child))
        yield node
        yield from tree(word(child + 8))


def threads():
    at = offsets()
    running = {}
    for i, line in enumerate(lines()):
        current = word(line + at["line.thread"])
        if current:
            running[current] = i
    table = symbol("atman_threads")
    found = [n - at["thread.by_tid"] for n in tree(word(table + at["tree.root"]))] if table else []
    return [Thread(t, running.get(t)) for t in found or [need("atman_thread_main")]]


def thread(number):
    for t in threads():
        if t.id == number:
            return t
    raise Unknown(f"no thread {number}; see `info atman-threads`")


def is_base(name, line):
    try:
        return register(name) + 4096 == line
    except ValueError:
        return False  # a core has not got both


def processor(vcpu):
    """gdb's thread for the processor that has the vCPU's %gs. In a core, where there may be
    two, it is the first: the program's."""
    own = gdb.selected_thread()
    line = lines()[vcpu]
    for candidate in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
        candidate.switch()
        if is_base("gs_base", line) or is_base("k_gs_base", line):
            own.switch()
            return candidate
    own.switch()
    return None


def interrupted():
    """The guest's registers where the selected processor has gone to Xen from, or None."""
    end = (register("rsp") | XEN_STACK - 1) + 1
    size = 8 * len(XEN_REGISTERS)
    stack = read(end - 0x400, 0x400)
    for start in range(len(stack) - size, -1, -8):
        values = struct.unpack_from(f"<{len(XEN_REGISTERS)}Q", stack, start)
        found = dict(zip(XEN_REGISTERS, values))
        if found["ss"] & 0xffff == 0xe02b and found["cs"] & 0xffff in (0xe030, 0xe033) \
                and found["rip"] < XEN and found["rsp"] < XEN:
            return caller_of_hypercall({n: found[n] for n in SAVED})
    return None


def caller_of_hypercall(registers):
    """Hypercalls of user mode are made in a kernel entry, which has the way back."""
    back = symbol("atman_hypercall_return")
    if registers["rip"] == back:
        frame = registers["rsp"] + 8
        try:
            if word(frame) == back:
                registers["rip"], registers["rsp"] = word(frame), word(frame + 24)
        except Unknown:
            pass
    return registers


class Selected(gdb.unwinder.Unwinder):
    """Makes the registers of the selected thread those of frame 0's caller."""

    def __init__(self):
        super().__init__("atman-thread")
        self.registers = None

    def select(self, registers):
        self.leave()
        if registers:
            self.here = register("rsp"), register("rip")
            self.registers = registers
            self.past_main = gdb.parameter("backtrace past-main")
            past_main(True)
            gdb.invalidate_cached_frames()
            gdb.newest_frame().older().select()

    def leave(self, _event=None):
        if self.registers:
            self.registers = None
            past_main(self.past_main)
            gdb.invalidate_cached_frames()

    def __call__(self, pending):
        if not self.registers:
            return None
        here = tuple(unsigned(pending.read_register(r)) for r in ("rsp", "rip"))
        if here != self.here:
            return None
        frame = gdb.Value(self.registers["rsp"] - 256), gdb.Value(here[1])
        info = pending.create_unwind_info(FrameId(*frame))
        for name, value in self.registers.items():
            kind = pending.read_register(name).type
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info


def past_main(on):
    """gdb takes a main() for the outermost frame; frame 0 may be in it."""
    gdb.execute(f"set backtrace past-main {'on' if on else 'off'}")


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


selected = Selected()
gdb.unwinder.register_unwinder(None, selected, replace=True)
gdb.events.cont.connect(selected.leave)
gdb.events.exited.connect(selected.leave)


def choose(t):
    """Selects a thread; the number of gdb's first frame that is its own."""
    selected.leave()
    registers = None
    if t.vcpu is not None:
        on = processor(t.vcpu)
        if not on:
            raise Unknown(f"thread {t.id} runs, but no processor is at it")
        on.switch()
        if register("rip") < XEN:
            return 0
        registers = interrupted()
        if not registers:
            raise Unknown(f"thread {t.id} is in the hypervisor; where it came from is not known")
    else:
        registers = t.registers()
    selected.select(registers)
    return 1


def place(first):
    """The innermost frame with a source line, or else the first."""
    frame = gdb.newest_frame()
    frame = frame.older() if first else frame
    best = frame
    for _ in range(DEEPEST):
        if not frame:
            break
        line = frame.find_sal()
        if line.symtab:
            return f"{frame.name()} () at {line.symtab.filename}:{line.line}"
        frame = frame.older()
    return f"{best.name() or '??'} ()" if best else "??"


class kept_selection:
    """gdb's thread, and ours, are afterwards what they were before."""

    def __enter__(self):
        self.thread, self.registers = gdb.selected_thread(), selected.registers
        if not self.thread:
            raise Unknown("there is no guest; attach to one first")

    def __exit__(self, *_):
        selected.leave()
        self.thread.switch()
        if self.registers:
            selected.select(self.registers)


class InfoThreads(gdb.Command):
    """Lists the threads of an Atman guest: id, name, state, place in the program."""

    def __init__(self):
        super().__init__("info atman-threads", gdb.COMMAND_STATUS)

    def invoke(self, _argument, _from_tty):
        with kept_selection():
            for t in threads():
                try:
                    where = place(choose(t))
                except (gdb.error, Unknown) as error:
                    where = f"({error})"
                gdb.write(f"{t.id:>6}  {t.name:<15}  {t.describe():<32}  {where}\n")


class SelectThread(gdb.Command):
    """Selects a thread of an Atman guest by its id."""

    def __init__(self):
        super().__init__("atman-thread", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        if not argument.strip().isdigit():
            raise gdb.GdbError("atman-thread: which one? `info atman-threads` lists them")
        choose(thread(int(argument)))
        gdb.execute("frame")


class Backtrace(gdb.Command):
    """Prints the backtrace of a thread of an Atman guest, or of all of them."""

    def __init__(self):
        super().__init__("atman-backtrace", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        asked = argument.strip()
        if asked and asked != "all" and not asked.isdigit():
            raise gdb.GdbError("atman-backtrace: the id of a thread, or nothing for all")
        with kept_selection():
            for t in [thread(int(asked))] if asked.isdigit() else threads():
                name = f" {t.name}" if t.name else ""
                gdb.write(f"\nThread {t.id}{name} ({t.describe()}):\n")
                try:
                    choose(t)
                    gdb.execute("backtrace")
                except (gdb.error, Unknown) as error:
                    gdb.write(f"{error}\n")


InfoThreads()
SelectThread()
Backtrace()
