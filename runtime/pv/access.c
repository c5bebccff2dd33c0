/* SPDX-License-Identifier: MIT */
/* Which faults are those of pv/access.S. */
#include "pv/access.h"

extern const char access_start[], access_end[], access_failed[];

bool (*access_retry)(void);

bool access_fix(unsigned long *rip) {
    if (*rip < (unsigned long)access_start || *rip >= (unsigned long)access_end)
        return false;
    *rip = (unsigned long)access_failed;
    return true;
}
