/* SPDX-License-Identifier: MIT */
#include "fs/host.h"

#include "init/config.h"

char host_name_set[HOST_NAME_MOST + 1], host_domain_set[HOST_NAME_MOST + 1];

const char *host_name(void) {
    return *host_name_set     ? host_name_set
           : config.host_name ? config.host_name
                              : "localhost";
}

const char *host_domain(void) {
    return *host_domain_set ? host_domain_set : "(none)";
}
