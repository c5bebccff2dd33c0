/* SPDX-License-Identifier: MIT */
/* The log, asked for, shows the boot table; otherwise a program's output is its own. */
// stdout: output
// case: quiet
// case: verbose
// options: -v
// stderr-like: ptr_size: +8
// stderr-like: start_info: +0x[0-9a-f]+
// stderr-like: shared_info: +0x[0-9a-f]+
// stderr-like: flags: +0x
// stderr-like: pt_base: +0x[0-9a-f]+
// stderr-like: nr_pt_frames: +\d+
// stderr-like: mfn_list: +0x[0-9a-f]+
// stderr-like: first_pfn: +\d+
// stderr-like: nr_p2m_frames: +\d+
// case: an argument that looks like a setting
// args: atman.log=debug
#include <stdio.h>

int main(void) {
    puts("output");
    return 0;
}
