/* SPDX-License-Identifier: MIT */
/*
 * A guest's network on the command line: see network.h.
 */
#include "network.h"

#include "memory.h"
#include "message.h"
#include "size.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PORT 65535
/* What both xl and libvirt make of an interface without a bridge of its own. */
#define BRIDGE "xenbr0"

/* A part KEY=VALUE from *spec on, as a new string; *spec is behind it and its comma. NULL:
 * there is none. */
static char *next_part(const char **spec) {
    size_t n = strcspn(*spec, ",");
    char *part = n ? must_copy_part(*spec, n) : NULL;

    *spec += n + ((*spec)[n] == ',');
    return part;
}

/* Whether it is KEY=VALUE, in characters that neither xl nor XML gives a meaning. */
static bool is_pair(const char *part) {
    const char *equals = strchr(part, '=');

    return equals && equals > part && equals[1] && !strpbrk(part, "'\"\\\n<>&[]");
}

bool network_is_interface(const char *spec) {
    const char *rest = spec;
    bool ok = !*spec || spec[strlen(spec) - 1] != ',';
    char *part;

    while (ok && *rest) {
        part = next_part(&rest);
        ok = part && is_pair(part);
        free(part);
    }
    if (!ok)
        message("--net",
                "%s: not KEY=VALUE,... such as bridge=xenbr0,mac=00:16:3e:12:34:56", spec);
    return ok;
}

struct port {
    char address[64];
    unsigned here, there;
    bool is_udp;
};

/* text[0, n) as a port's number. */
static bool number(const char *text, size_t n, unsigned *value) {
    char *digits = must_copy_part(text, n);
    bool ok = count_parse(digits, 1, MOST_PORT, value);

    free(digits);
    return ok;
}

/* From behind: the protocol, the guest's port, ours, and what is left is an address. */
static bool read_port(const char *spec, struct port *port) {
    const char *slash = strchrnul(spec, '/');
    const char *last = memrchr(spec, ':', (size_t)(slash - spec)), *first;
    struct in_addr address;
    size_t n;

    port->is_udp = strcmp(slash, "/udp") == 0;
    if (!last || (*slash && !port->is_udp && strcmp(slash, "/tcp") != 0))
        return false;
    first = memrchr(spec, ':', (size_t)(last - spec));
    n = first ? (size_t)(first - spec) : 0;
    if (n >= sizeof port->address)
        return false;
    strcpy(port->address, "127.0.0.1");
    if (first) {
        memcpy(port->address, spec, n);
        port->address[n] = '\0';
    }
    first = first ? first + 1 : spec;
    return inet_pton(AF_INET, port->address, &address) == 1 &&
           number(first, (size_t)(last - first), &port->here) &&
           number(last + 1, (size_t)(slash - last - 1), &port->there);
}

bool network_is_port(const char *spec) {
    struct port port;

    if (read_port(spec, &port))
        return true;
    message("-p", "%s: not [ADDRESS:]PORT:GUESTPORT or that with /udp, such as 8080:80",
            spec);
    return false;
}

char *network_port(const char *spec) {
    struct port port;

    read_port(spec, &port); /* it was checked */
    return must_format("%s:%s:%u:%u", port.is_udp ? "udp" : "tcp", port.address, port.here,
                       port.there);
}

bool network_write_xml(struct text *text, const char *spec) {
    const char *rest = spec;
    char *bridge = NULL, *mac = NULL, *part;
    bool ok = true;

    while (ok && *rest) {
        part = next_part(&rest);
        if (strncmp(part, "bridge=", 7) == 0) {
            free(bridge);
            bridge = must_copy_part(part + 7, strlen(part + 7));
        } else if (strncmp(part, "mac=", 4) == 0) {
            free(mac);
            mac = must_copy_part(part + 4, strlen(part + 4));
        } else {
            message("--net", "%s: libvirt's XML is written for bridge= and mac= alone",
                    part);
            ok = false;
        }
        free(part);
    }
    text_addf(text, "    <interface type='bridge'>\n      <source bridge='%s'/>\n",
              bridge ? bridge : BRIDGE);
    if (mac)
        text_addf(text, "      <mac address='%s'/>\n", mac);
    text_adds(text, "    </interface>\n");
    free(bridge);
    free(mac);
    return ok;
}
