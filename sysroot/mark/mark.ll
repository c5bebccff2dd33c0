; SPDX-License-Identifier: MIT
; What every object that atman-cc compiles carries in its .comment section; driver/foreign.c
; knows it by its beginning. clang links it into each module it compiles, as a part that has
; no code, so that it stays through link-time optimisation.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-atman-linux-musl"
!llvm.ident = !{!0}
!0 = !{!"Atman clang version 19"}
