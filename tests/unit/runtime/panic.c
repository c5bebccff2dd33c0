/* SPDX-License-Identifier: MIT */
/* The runtime's last word is a test's failure. */
#include "base/panic.h"

#include "require.h"

void panic(const char *what) {
    require_failed("panic", 0, what, "");
}
