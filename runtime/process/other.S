/* SPDX-License-Identifier: MIT */
/*
 * Where loaders begin that are neither Linux nor Xen's for a paravirtual domain: the note
 * PHYS32_ENTRY is taken by Xen for PVH and HVM domains and by `qemu -kernel`. It says what
 * the image is and ends the machine. 32 bits, no paging, flat segments, the image at its
 * load addresses, no stack.
 */
#include "pv/layout.h"

#define XEN_DEBUG_PORT 0xe9  /* a line of the hypervisor's log */
#define SERIAL_PORT 0x3f8    /* the first one of a PC */
#define SERIAL_STATUS 0x3fd
#define SERIAL_ROOM 0x20
#define SERIAL_TRIES 100000
#define QEMU_ACPI_PORT 0x604 /* of its PCs; firmware tells others */
#define QEMU_POWER_OFF 0x2000
#define XEN_CPUID 0x40000000
#define XEN_SIGNATURE 0x566e6558 /* "XenV" */
#define AMD_SIGNATURE 0x68747541   /* "Auth" */
#define HYGON_SIGNATURE 0x6f677948 /* "Hygo" */
#define HYPERCALL_SCHED_OP 29
#define SCHED_OP_SHUTDOWN 2
#define SHUTDOWN_CRASH 3

    .section .note.Xen.phys32_entry,"a",@note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long 18 /* PHYS32_ENTRY */
1:  .asciz "Xen"
2:  .balign 4
3:  .quad atman_other_entry
4:  .balign 4

    .section .text.atman_other,"ax",@progbits
    .globl atman_other
    .type atman_other,@function
    .code32
atman_other:
    cld
    mov $atman_other_words, %esi
1:  lodsb
    test %al, %al
    jz 3f
    mov %al, %bl
    outb %al, $XEN_DEBUG_PORT
    mov $SERIAL_TRIES, %ecx
    mov $SERIAL_STATUS, %edx
2:  inb %dx, %al
    test $SERIAL_ROOM, %al
    loopz 2b
    mov $SERIAL_PORT, %edx
    mov %bl, %al
    outb %al, %dx
    jmp 1b

3:  mov $XEN_CPUID, %eax
    cpuid
    cmp $XEN_SIGNATURE, %ebx
    jne 5f
    xor %eax, %eax
    cpuid
    mov %ebx, %edi
    mov $HYPERCALL_SCHED_OP, %eax
    mov $SCHED_OP_SHUTDOWN, %ebx
    mov $atman_other_reason, %ecx
    cmp $AMD_SIGNATURE, %edi
    je 4f
    cmp $HYGON_SIGNATURE, %edi
    je 4f
    vmcall
4:  vmmcall
5:  mov $QEMU_ACPI_PORT, %edx
    mov $QEMU_POWER_OFF, %eax
    outw %ax, %dx
6:  hlt
    jmp 6b

    .balign 4
reason:
    .long SHUTDOWN_CRASH
words:
    .ascii "atman: this is a paravirtual Xen guest (type = \"pv\"), and nothing else can start "
    .asciz "it; on a machine without Xen, atman-run boots it\r\n"
    .size atman_other, . - atman_other
    .code64
    .globl atman_other_text_reason, atman_other_text_words
    .set atman_other_text_reason, reason
    .set atman_other_text_words, words

    .section .note.GNU-stack,"",@progbits
