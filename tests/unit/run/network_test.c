/* SPDX-License-Identifier: MIT */
/*
 * Interfaces and ports as they stand on atman-run's command line.
 */
#include "network.h"
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Messages are not wanted here. */
static bool quietly(bool (*check)(const char *spec), const char *spec) {
    int nothing = open("/dev/null", O_WRONLY), err = dup(STDERR_FILENO);
    bool ok;

    dup2(nothing, STDERR_FILENO);
    ok = check(spec);
    dup2(err, STDERR_FILENO);
    close(nothing);
    close(err);
    return ok;
}

TEST(interfaces) {
    static const char *const good[] = {"", "bridge=br1", "mac=00:16:3e:00:00:01,bridge=a",
                                       "script=vif-route,ip=10.0.0.2"};
    static const char *const bad[] = {
        "br1",      "=br1",       "bridge=",    "a=b,",    ",a=b",
        "a=b,,c=d", "bridge='b'", "bridge=a<b", "a=b\nc=d"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(quietly(network_is_interface, good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!quietly(network_is_interface, bad[i]));
}

TEST(ports) {
    static const char *const pairs[][2] = {
        {"8080:80", "tcp:127.0.0.1:8080:80"},
        {"1:65535/tcp", "tcp:127.0.0.1:1:65535"},
        {"5353:53/udp", "udp:127.0.0.1:5353:53"},
        {"0.0.0.0:8080:80", "tcp:0.0.0.0:8080:80"},
        {"192.0.2.1:8080:80/udp", "udp:192.0.2.1:8080:80"},
    };
    static const char *const bad[] = {"",
                                      ":",
                                      "80",
                                      "80:",
                                      ":80",
                                      "0:80",
                                      "80:65536",
                                      "80:80/sctp",
                                      "80:80/",
                                      "80:80/udp/tcp",
                                      "a:80",
                                      "host:80:80",
                                      "1:2:3:4",
                                      ":80:80",
                                      "-1:80",
                                      " 80:80",
                                      "80: 80",
                                      "127.0.0.1:80",
                                      "255.255.255.256:80:80"};

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *port;

        CHECK(quietly(network_is_port, pairs[i][0]));
        port = network_port(pairs[i][0]);
        CHECK_TEXT(port, pairs[i][1]);
        free(port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!quietly(network_is_port, bad[i]));
}

TEST(xml) {
    struct text text = TEXT_EMPTY;

    CHECK(network_write_xml(&text, ""));
    CHECK_TEXT(text.data, "    <interface type='bridge'>\n      <source bridge='xenbr0'/>\n"
                          "    </interface>\n");
    text_free(&text);
    CHECK(network_write_xml(&text, "mac=00:16:3e:00:00:01,bridge=b"));
    CHECK_TEXT(text.data, "    <interface type='bridge'>\n      <source bridge='b'/>\n"
                          "      <mac address='00:16:3e:00:00:01'/>\n    </interface>\n");
    text_free(&text);
}
