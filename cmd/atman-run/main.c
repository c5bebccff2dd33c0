/* SPDX-License-Identifier: MIT */
/*
 * atman-run [options] kernel [arguments...]: boots an image. Here it is only decided what
 * to do; session.c runs images under QEMU, xenhost.c on a Xen host.
 */
#include "guestline.h"
#include "hostterm.h"
#include "image.h"
#include "memory.h"
#include "message.h"
#include "ramdisk.h"
#include "run_options.h"
#include "session.h"
#include "text.h"
#include "xenhost.h"
#include "xlconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors 0..2 must exist, or what is opened next would be taken for them. */
static void fill_standard_descriptors(void) {
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Are both the same terminal, file or pipe, where what is written first stands first? */
static bool one_file(int a, int b) {
    struct stat first, second;

    return fstat(a, &first) == 0 && fstat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Appends the guest's command line. False, with a message, if it is too long for Xen. */
static bool guest_line(struct text *text, const struct run_options *options, bool ports) {
    struct guestline line = {
        .name = last_part(options->kernel),
        .log = options->log       ? options->log
               : options->verbose ? "debug"
                                  : NULL,
        .cwd = options->cwd,
        .zone = options->zone,
        .host = options->host,
        .ips = options->addresses.words,
        .trace = options->trace,
        .summary = options->summary,
        .ports = ports,
        .joined = ports && one_file(STDOUT_FILENO, STDERR_FILENO),
        .variables = options->variables.words,
        .arguments = options->arguments,
    };

    if (!options->print_config && hostterm_is_there()) {
        line.columns = (int)(hostterm_window() >> 16);
        line.rows = (int)(hostterm_window() & UINT16_MAX);
        line.relayed = !ports;
    }
    guestline_write(text, &line);
    if (text->length <= GUESTLINE_MAX)
        return true;
    message(
        options->kernel,
        "arguments and environment make a command line of %zu bytes, Xen's limit is %d; "
        "pass long ones through stdin",
        text->length, GUESTLINE_MAX);
    return false;
}

/* Appends the configuration, or says why it cannot be written so. */
static bool write_config(struct text *text, const struct run_options *options,
                         const struct xlconfig *config) {
    bool is_xml = options->print_config == CONFIG_LIBVIRT;

    if (is_xml && !xlconfig_write_xml(text, config)) {
        message(options->kernel, "a name, argument or variable has a control character, "
                                 "which libvirt's XML cannot hold");
        return false;
    }
    if (!is_xml)
        xlconfig_write(text, config);
    if (!options->pack && (options->ramdisk || options->files.count))
        text_adds(text,
                  is_xml
                      ? "<!-- The ramdisk is not made: --pack FILE does that. -->\n"
                      : "# The ramdisk is not made: --pack FILE beside --print-config does "
                        "that.\n# ramdisk = \"FILE\"\n");
    return true;
}

static int print_config(const struct run_options *options, const char *line) {
    struct text config = TEXT_EMPTY, name = TEXT_EMPTY;
    char *path = realpath(options->kernel, NULL);
    char *ramdisk = options->pack ? realpath(options->pack, NULL) : NULL;
    bool ok;

    xlconfig_name(&name, options->kernel);
    ok = write_config(&config, options,
                      &(struct xlconfig){.name = name.data,
                                         .kernel = path ? path : options->kernel,
                                         .ramdisk = ramdisk,
                                         .extra = line,
                                         .kib = options->kib,
                                         .vcpus = options->vcpus,
                                         .disks = options->disks.words,
                                         .nets = options->nets.words});
    if (ok && (fputs(config.data, stdout) == EOF || fflush(stdout) == EOF)) {
        message("stdout", "%s", strerror(errno));
        ok = false;
    }
    text_free(&config);
    text_free(&name);
    free(path);
    free(ramdisk);
    return ok ? 0 : RUN_FAILED;
}

/* Whether these options go together there. */
static bool fits(const struct run_options *options, bool by_xl) {
    if (options->ports.count && options->print_config)
        message("-p",
                "only for a run without a Xen host; there, forward to the guest's own "
                "address");
    else if (options->print_config)
        return true;
    else if (options->ports.count && xenhost_is_here())
        message("-p", "on a Xen host the guest has an address of its own on the bridge; "
                      "connect to that");
    else if (by_xl && options->gdb)
        message(
            "--gdb",
            "not for a domain of xl's; gdbsx of Xen's tools attaches to those of a host");
    else if (!by_xl && options->disks.count)
        message("--disk", "only an ordinary domain has disks; --xl makes one");
    else
        return true;
    return false;
}

static int run(const struct run_options *options) {
    /* QEMU alone has no other domain that would serve an interface. */
    bool by_xl = options->xl || options->nets.count || xenhost_is_here();
    struct text line = TEXT_EMPTY;
    char *wrong = image_check(options->kernel);
    int status = RUN_FAILED;

    if (wrong) {
        message(options->kernel, "%s%s", wrong,
                access(options->kernel, F_OK) < 0 ? "; atman-cc -o FILE program.c makes one"
                                                  : "");
        free(wrong);
        return RUN_FAILED;
    }
    if (!fits(options, by_xl) ||
        !guest_line(&line, options, !by_xl && !options->print_config))
        status = RUN_FAILED;
    else if (options->pack && (status = ramdisk_save(options)) != 0)
        ; /* it has said why */
    else if (options->print_config)
        status = print_config(options, line.data);
    else if (by_xl)
        status = xenhost_run(options, line.data);
    else
        status = session_run(options, line.data);
    text_free(&line);
    return status;
}

int main(int argc, char **argv) {
    struct run_options options;
    int status = RUN_FAILED;

    message_program("atman-run");
    fill_standard_descriptors();
    switch (options_read(&options, argc, argv)) {
    case OPTIONS_RUN:
        status =
            options.pack && !options.print_config ? ramdisk_save(&options) : run(&options);
        break;
    case OPTIONS_DONE:
        status = 0;
        break;
    case OPTIONS_BAD:
        break;
    }
    options_free(&options);
    return status;
}
