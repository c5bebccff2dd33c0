/* SPDX-License-Identifier: MIT */
/* What Jim Tcl's configure would write; its line editor alone needs nothing of it. */
