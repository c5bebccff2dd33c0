# SPDX-License-Identifier: MIT
# Programs that turn warnings into errors are not refused for what stands in the C library's
# headers; and what stands there in place of it (sysroot/headers/first) tells the same.
. "$(dirname "$0")/lib.sh"

cat >numbers.c <<'END'
#include <math.h>
#include <stdio.h>

#define SHOW(x)                                                                            \
    printf("%d%d%d%d%d%d ", !!isnan(x), !!isinf(x), !!isfinite(x), !!isnormal(x),          \
           !!signbit(x), fpclassify(x))

int main(void) {
    static const double values[] = {0.0, 1.5, 4.9406564584124654e-324, HUGE_VAL};
    unsigned i;

    for (i = 0; i < sizeof values / sizeof *values; i++) {
        float f = (float)values[i];
        double d = -values[i];
        long double l = (long double)values[i];

        SHOW(f);
        SHOW(d);
        SHOW(l);
    }
    printf("%d%d ", !!isnan(values[3] - values[3]), !!isfinite(values[3] - values[3]));
    return 0;
}
END
cat >control.c <<'END'
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int count(struct msghdr *message) {
    struct cmsghdr *c;
    int n = 0;

    for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        n++;
    return n;
}

int main(void) {
    union {
        struct cmsghdr header;
        char data[128];
    } room;
    struct msghdr message;
    struct cmsghdr *c;

    memset(&message, 0, sizeof message);
    memset(&room, 0, sizeof room);
    message.msg_control = &room;
    message.msg_controllen = CMSG_SPACE(4) + CMSG_SPACE(8);
    c = CMSG_FIRSTHDR(&message);
    c->cmsg_len = CMSG_LEN(4);
    c = CMSG_NXTHDR(&message, c);
    printf("%d", (int)((char *)c - room.data));
    c->cmsg_len = CMSG_LEN(8);
    printf(" %d", count(&message));
    c->cmsg_len = (socklen_t)-1; /* too long, and nothing can follow it */
    printf(" %d", count(&message));
    c->cmsg_len = 0;
    printf(" %d\n", count(&message));
    return 0;
}
END

warn='-Wall -Wextra -Wconversion -Wsign-compare -Wfloat-conversion -pedantic -Werror'
for standard in c89 c99 c17 gnu17; do
    # shellcheck disable=SC2086
    passes "$cc" -std=$standard $warn -O2 numbers.c -o numbers
    # shellcheck disable=SC2086
    passes "$cc" -std=$standard $warn -O2 control.c -o control
done
passes ./control
is 'control messages' "$(cat .out)" '24 2 2 2'
passes ./numbers
cp .out ours
gcc -O2 numbers.c -o host && ./host >host.out
is numbers "$(sed 's/[0-4] / /g' ours)" "$(sed 's/[0-4] / /g' host.out)"
# C++ takes the macros away and has functions.
printf '#include <math.h>\n#include <sys/socket.h>\nint f(double x) { return isnan(x); }\n' >plus.cc
passes "$cc" -x c++ -Wall -Wextra -Werror -c plus.cc

finish
