/* SPDX-License-Identifier: MIT */
/*
 * atman-run's command line: see run_options.h. Options end at the first word that is none
 * (the kernel): everything behind it belongs to the program.
 */
#include "run_options.h"

#include "message.h"
#include "network.h"
#include "pack.h"
#include "size.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_KIB (UINT64_C(64) * 1024)
/* What Xen's PV domains and QEMU's machine can both have. */
#define MOST_VCPUS 128
/* A letter each. */
#define MOST_DISKS 26
/* What uname has room for. */
#define HOST_MOST 64

enum {
    OPT_VCPUS = 256,
    OPT_TIMEOUT,
    OPT_LOG,
    OPT_TRACE,
    OPT_SUMMARY,
    OPT_FILES,
    OPT_RAMDISK,
    OPT_PACK,
    OPT_CWD,
    OPT_TZ,
    OPT_HOSTNAME,
    OPT_GDB,
    OPT_XL,
    OPT_DISK,
    OPT_NET,
    OPT_IP,
    OPT_PRINT_CONFIG,
    OPT_VERSION
};

static const struct option long_options[] = {
    {"memory", required_argument, NULL, 'm'},
    {"vcpus", required_argument, NULL, OPT_VCPUS},
    {"env", required_argument, NULL, 'e'},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"verbose", no_argument, NULL, 'v'},
    {"log", required_argument, NULL, OPT_LOG},
    {"trace", optional_argument, NULL, OPT_TRACE},
    {"summary", optional_argument, NULL, OPT_SUMMARY},
    {"files", required_argument, NULL, OPT_FILES},
    {"ramdisk", required_argument, NULL, OPT_RAMDISK},
    {"pack", required_argument, NULL, OPT_PACK},
    {"cwd", required_argument, NULL, OPT_CWD},
    {"tz", required_argument, NULL, OPT_TZ},
    {"hostname", required_argument, NULL, OPT_HOSTNAME},
    {"gdb", no_argument, NULL, OPT_GDB},
    {"xl", no_argument, NULL, OPT_XL},
    {"disk", required_argument, NULL, OPT_DISK},
    {"net", optional_argument, NULL, OPT_NET},
    {"publish", required_argument, NULL, 'p'},
    {"ip", required_argument, NULL, OPT_IP},
    {"print-config", optional_argument, NULL, OPT_PRINT_CONFIG},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

/* A screen of 80 columns and 24 lines; the manual has the rest. */
static const char help[] =
    "usage: atman-run [options] kernel [arguments...]\n"
    "Boots an image made by atman-cc: as a domain on a Xen host, else in QEMU. Its\n"
    "stdin, stdout, stderr and exit status are the program's.\n"
    "  -m, --memory SIZE     the guest's memory: 8M, 1G, 20000K (default 64M)\n"
    "      --vcpus N         virtual processors (default 1)\n"
    "  -e, --env NAME=VALUE  a variable of the program's environment\n"
    "      --files DIR[:/WHERE], --ramdisk FILE  put in a folder's files, a tar's..\n"
    "      --cwd DIR         the program's working folder (default /)\n"
    "      --tz ZONE         its time zone: CET-1CEST,M3.5.0,M10.5.0/3 or Asia/Tokyo\n"
    "      --hostname NAME   the guest's name (default localhost)\n"
    "      --timeout SECONDS end the guest after that time (status 124)\n"
    "  -v, --verbose         Xen's and the runtime's log on stderr\n"
    "      --log LEVEL       the runtime's: error (default), warn, info or debug\n"
    "      --trace[=SET], --summary[=SET]  print its system calls, a table of them\n"
    "      --gdb             wait for a debugger; print the command that attaches it\n"
    "      --xl              as a domain made by xl; without a Xen host in QEMU\n"
    "      --disk FILE[,ro]  a disk of a domain: /dev/xvda, then xvdb ...\n"
    "      --net[=SPEC], --ip ADDRESS  a network interface; its address (else DHCP)\n"
    "  -p, --publish PORT:GUESTPORT  lead a port of 127.0.0.1 to the guest's\n"
    "      --print-config[=libvirt]  print what xl create takes, and do not run\n"
    "      --pack FILE       write the ramdisk of --files, and do not run\n"
    "  -h, --help, --version\n"
    "Ctrl-] ends a guest that takes keys as they are typed. Manual: man atman-run\n";

/* The word that getopt_long() has just refused. */
static enum options_result refuse(int code, int argc, char **argv) {
    const char *word = argv[optind - 1];
    char letter[] = {'-', (char)optopt, '\0'};

    if (optopt > 0 && optopt < OPT_VCPUS && strncmp(word, "--", 2) != 0)
        word = letter;
    if (code == ':')
        message(word, "a value must follow; --help shows which");
    else if (optind <= argc && strncmp(word, "--", 2) == 0 && strchr(word, '='))
        message(word, "no such option, or it takes no value; --help lists them");
    else
        message(word, "no such option, or short for several; --help lists them");
    return OPTIONS_BAD;
}

static bool bad_value(const char *option, const char *value, const char *want) {
    message(option, "%s: %s", value, want);
    return false;
}

static bool variable(struct run_options *options, const char *value) {
    const char *equals = strchr(value, '=');

    if (!equals || equals == value)
        return bad_value("-e", value, "not NAME=value");
    argv_push(&options->variables, value);
    return true;
}

static bool level(struct run_options *options, const char *value) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(value, levels[i]) == 0) {
            options->log = value;
            return true;
        }
    return bad_value("--log", value, "not error, warn, info or debug");
}

static bool folder(struct run_options *options, const char *spec) {
    if (!pack_is_spec("--files", spec))
        return false;
    argv_push(&options->files, spec);
    return true;
}

/* FILE or FILE,ro. xl separates by commas, too, and libvirt wants no line ends. */
static bool disk(struct run_options *options, const char *spec) {
    size_t n = strcspn(spec, ",\n");

    if (n == 0 || (spec[n] && strcmp(spec + n, ",ro") != 0))
        return bad_value("--disk", spec, "not FILE or FILE,ro, without other commas");
    if (options->disks.count == MOST_DISKS)
        return bad_value("--disk", spec, "more than 26");
    argv_push(&options->disks, spec);
    return true;
}

static bool interface(struct run_options *options, const char *spec) {
    if (!network_is_interface(spec))
        return false;
    argv_push(&options->nets, spec);
    return true;
}

static bool published(struct run_options *options, const char *spec) {
    if (!network_is_port(spec))
        return false;
    argv_push(&options->ports, spec);
    return true;
}

/* The runtime reads it; here that it is one word. */
static bool ip_address(struct run_options *options, const char *spec) {
    if (!*spec || strpbrk(spec, " \t\n"))
        return bad_value("--ip", *spec ? spec : "''",
                         "not an address such as 10.0.0.2/24,gw=10.0.0.1,dns=10.0.0.1");
    argv_push(&options->addresses, spec);
    return true;
}

static bool config_format(struct run_options *options, const char *name) {
    options->print_config = CONFIG_XL;
    if (!name || strcmp(name, "xl") == 0)
        return true;
    options->print_config = CONFIG_LIBVIRT;
    return strcmp(name, "libvirt") == 0 ||
           bad_value("--print-config", name, "not xl or libvirt");
}

static bool working_folder(struct run_options *options, const char *path) {
    options->cwd = path;
    return *path == '/' || bad_value("--cwd", path, "not a path from / on");
}

/* It is judged where it is used; here that it is one word. */
static bool zone(struct run_options *options, const char *name) {
    options->zone = name;
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return bad_value("--tz", name,
                             "not a time zone such as CET-1CEST or Asia/Tokyo");
    return *name ||
           bad_value("--tz", "''", "not a time zone such as CET-1CEST or Asia/Tokyo");
}

static bool host(struct run_options *options, const char *name) {
    static const char kept[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    size_t n = strlen(name);

    options->host = name;
    return (n > 0 && n <= HOST_MOST && strspn(name, kept) == n && *name != '-' &&
            *name != '.') ||
           bad_value("--hostname", n ? name : "''",
                     "not a name of 1 to 64 letters, digits, '-', '.' and '_'");
}

/* Takes one option. False: its value is bad, and a message was printed. */
static bool take(struct run_options *options, int code) {
    switch (code) {
    case 'm':
        return size_parse(optarg, &options->kib) ||
               bad_value("-m", optarg, "not a memory size such as 8M, 1G or 20000K");
    case OPT_VCPUS:
        return count_parse(optarg, 1, MOST_VCPUS, &options->vcpus) ||
               bad_value("--vcpus", optarg, "not a number from 1 to 128");
    case 'e':
        return variable(options, optarg);
    case OPT_TIMEOUT:
        return seconds_parse(optarg, &options->timeout) ||
               bad_value("--timeout", optarg, "not a time in seconds such as 10 or 0.5");
    case 'v':
        options->verbose = true;
        return true;
    case OPT_LOG:
        return level(options, optarg);
    case OPT_TRACE:
        options->trace = optarg ? optarg : "all";
        return true;
    case OPT_SUMMARY:
        options->summary = optarg ? optarg : "all";
        return true;
    case OPT_FILES:
        return folder(options, optarg);
    case OPT_RAMDISK:
        options->ramdisk = optarg;
        return true;
    case OPT_PACK:
        options->pack = optarg;
        return true;
    case OPT_CWD:
        return working_folder(options, optarg);
    case OPT_TZ:
        return zone(options, optarg);
    case OPT_HOSTNAME:
        return host(options, optarg);
    case OPT_GDB:
        options->gdb = true;
        return true;
    case OPT_XL:
        options->xl = true;
        return true;
    case OPT_DISK:
        return disk(options, optarg);
    case OPT_NET:
        return interface(options, optarg ? optarg : "");
    case 'p':
        return published(options, optarg);
    case OPT_IP:
        return ip_address(options, optarg);
    default: /* OPT_PRINT_CONFIG */
        return config_format(options, optarg);
    }
}

static enum options_result say(const char *text) {
    if (fputs(text, stdout) != EOF && fflush(stdout) != EOF)
        return OPTIONS_DONE;
    message("stdout", "cannot be written");
    return OPTIONS_BAD;
}

enum options_result options_read(struct run_options *options, int argc, char **argv) {
    int code;

    *options = (struct run_options){.kib = DEFAULT_KIB, .vcpus = 1};
    opterr = 0;
    optind = 0; /* glibc: begin anew, also in a test that calls this again */
    while ((code = getopt_long(argc, argv, "+:m:e:p:vh", long_options, NULL)) != -1) {
        if (code == ':' || code == '?')
            return refuse(code, argc, argv);
        if (code == 'h')
            return say(help);
        if (code == OPT_VERSION)
            return say("atman-run " ATMAN_VERSION "\n");
        if (!take(options, code))
            return OPTIONS_BAD;
    }
    if (options->ports.count && !options->nets.count)
        argv_push(&options->nets, "");
    if (options->pack && optind == argc && !options->print_config)
        return OPTIONS_RUN;
    if (optind == argc) {
        message(NULL, "which kernel? usage: atman-run [options] kernel [arguments...]; "
                      "--help says more");
        return OPTIONS_BAD;
    }
    options->kernel = argv[optind];
    options->arguments = argv + optind + 1;
    return OPTIONS_RUN;
}

void options_free(struct run_options *options) {
    argv_free(&options->variables);
    argv_free(&options->files);
    argv_free(&options->disks);
    argv_free(&options->nets);
    argv_free(&options->ports);
    argv_free(&options->addresses);
}
