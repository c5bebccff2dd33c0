/* SPDX-License-Identifier: MIT */
/*
 * atman-run's command line.
 */
#include "run_options.h"
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

static struct run_options options;

/* Reads a command line of words; messages and help are not wanted here. */
static enum options_result read_words(char *const *words) {
    int argc = 0, nothing = open("/dev/null", O_WRONLY);
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    enum options_result result;

    while (words[argc])
        argc++;
    options_free(&options);
    fflush(stdout);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    result = options_read(&options, argc, (char **)words);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(nothing);
    close(out);
    close(err);
    return result;
}

#define READ(...) read_words((char *[]){"atman-run", __VA_ARGS__, NULL})

TEST(log_levels) {
    CHECK_EQ(READ("kernel"), OPTIONS_RUN);
    CHECK_TEXT(options.log, NULL);
    CHECK_EQ(READ("--log", "info", "kernel"), OPTIONS_RUN);
    CHECK_TEXT(options.log, "info");
    CHECK_EQ(READ("--log=loud", "kernel"), OPTIONS_BAD);
    CHECK_EQ(READ("--log"), OPTIONS_BAD);
}

TEST(tracing) {
    CHECK_EQ(READ("kernel"), OPTIONS_RUN);
    CHECK_TEXT(options.trace, NULL);
    CHECK_TEXT(options.summary, NULL);
    CHECK_EQ(READ("--trace", "--summary=file", "kernel"), OPTIONS_RUN);
    CHECK_TEXT(options.trace, "all");
    CHECK_TEXT(options.summary, "file");
    CHECK_TEXT(options.kernel, "kernel");
}

TEST(network) {
    CHECK_EQ(READ("kernel"), OPTIONS_RUN);
    CHECK_EQ(options.nets.count, 0);
    CHECK_EQ(READ("--net", "--net=bridge=br1,mac=00:16:3e:00:00:01", "--ip",
                  "10.0.0.2/24,gw=10.0.0.1", "kernel"),
             OPTIONS_RUN);
    CHECK_EQ(options.nets.count, 2);
    CHECK_TEXT(options.nets.words[0], "");
    CHECK_TEXT(options.nets.words[1], "bridge=br1,mac=00:16:3e:00:00:01");
    CHECK_TEXT(options.addresses.words[0], "10.0.0.2/24,gw=10.0.0.1");
    CHECK_EQ(READ("-p", "8080:80", "-p8443:443", "kernel"), OPTIONS_RUN);
    CHECK_EQ(options.ports.count, 2);
    CHECK_EQ(options.nets.count, 1);
    CHECK_EQ(READ("--net", "-p", "8080:80", "kernel"), OPTIONS_RUN);
    CHECK_EQ(options.nets.count, 1);
    CHECK_EQ(READ("--net=br1", "kernel"), OPTIONS_BAD);
    CHECK_EQ(READ("-p", "80", "kernel"), OPTIONS_BAD);
    CHECK_EQ(READ("--ip=", "kernel"), OPTIONS_BAD);
    CHECK_EQ(READ("--ip", "10.0.0.2 /24", "kernel"), OPTIONS_BAD);
}

TEST(defaults) {
    CHECK_EQ(READ("kernel"), OPTIONS_RUN);
    CHECK_TEXT(options.kernel, "kernel");
    CHECK(options.arguments[0] == NULL);
    CHECK_EQ(options.kib, 64 * 1024);
    CHECK_EQ(options.vcpus, 1);
    CHECK_EQ(options.timeout, 0);
    CHECK_EQ(options.variables.count, 0);
    CHECK(!options.verbose && !options.gdb && !options.print_config);
}

TEST(all) {
    CHECK_EQ(READ("-m", "8M", "--vcpus", "2", "-e", "A=1", "--env=B=", "--timeout=0.5",
                  "-v", "--gdb", "--print-config", "k"),
             OPTIONS_RUN);
    CHECK_EQ(options.kib, 8 * 1024);
    CHECK_EQ(options.vcpus, 2);
    CHECK_EQ(options.timeout, 500);
    CHECK_EQ(options.variables.count, 2);
    CHECK_TEXT(options.variables.words[1], "B=");
    CHECK(options.verbose && options.gdb && options.print_config == CONFIG_XL);
    CHECK(!options.xl);
    CHECK_EQ(READ("--xl", "--disk", "a", "--disk=b,ro", "--print-config=libvirt", "k"),
             OPTIONS_RUN);
    CHECK(options.xl && options.print_config == CONFIG_LIBVIRT);
    CHECK_TEXT(options.disks.words[1], "b,ro");
    CHECK_EQ(READ("--print-config=xl", "k"), OPTIONS_RUN);
    CHECK_EQ(options.print_config, CONFIG_XL);
    CHECK_EQ(READ("-vm8M", "--memory", "16M", "k"), OPTIONS_RUN);
    CHECK_EQ(options.kib, 16 * 1024);
}

TEST(what_follows_the_kernel_is_the_programs) {
    CHECK_EQ(READ("-v", "k", "-m", "x", "--help", "--"), OPTIONS_RUN);
    CHECK_TEXT(options.kernel, "k");
    CHECK_TEXT(options.arguments[0], "-m");
    CHECK_TEXT(options.arguments[2], "--help");
    CHECK_TEXT(options.arguments[3], "--");
    CHECK(options.arguments[4] == NULL);
    CHECK_EQ(READ("--", "-v"), OPTIONS_RUN);
    CHECK_TEXT(options.kernel, "-v");
    CHECK(!options.verbose);
}

TEST(help_and_version) {
    CHECK_EQ(READ("--help"), OPTIONS_DONE);
    CHECK_EQ(READ("-h", "k"), OPTIONS_DONE);
    CHECK_EQ(READ("--version"), OPTIONS_DONE);
}

TEST(mistakes) {
    CHECK_EQ(read_words((char *[]){"atman-run", NULL}), OPTIONS_BAD);
    CHECK_EQ(READ("-v"), OPTIONS_BAD);
    CHECK_EQ(READ("-m"), OPTIONS_BAD);
    CHECK_EQ(READ("-m", "0", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--vcpus", "0", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--vcpus", "129", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--timeout", "-1", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("-e", "A", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("-e", "=x", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("-z", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--bogus", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--gdb=1", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--xl=1", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--print-config=xml", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--disk", "", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--disk", ",ro", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--disk", "a,rw", "k"), OPTIONS_BAD);
    CHECK_EQ(READ("--disk", "a,b,ro", "k"), OPTIONS_BAD);
    options_free(&options);
}
