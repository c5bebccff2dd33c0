; SPDX-License-Identifier: MIT
; What every object that atman-cc compiles carries: a line in its .comment section, which
; driver/foreign.c knows by its beginning, and for those that strip has taken that from, a
; section .atman.mark with one byte, which the linker script throws away. clang links it into
; each module it compiles, so it stays through link-time optimisation.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-atman-linux-musl"
!llvm.ident = !{!0}
!0 = !{!"Atman clang version 19"}
@atman.mark = private constant [1 x i8] zeroinitializer, section ".atman.mark", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @atman.mark], section "llvm.metadata"
