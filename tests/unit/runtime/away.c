// SPDX-License-Identifier: MIT
/* A test that does not define it itself has a domain that goes nowhere. */
#include "pv/away.h"

bool away(void);

bool away(void) {
    return false;
}
