# SPDX-License-Identifier: MIT
# Where handlers return to in a process; for a guest's the runtime has a place.
.global __restore_rt
.hidden __restore_rt
.type __restore_rt,@function
__restore_rt:
	jmp atman_linux_restore
.size __restore_rt,.-__restore_rt
