/* SPDX-License-Identifier: MIT */
/*
 * Reads the command line. Arguments fill the array of words from its front, environment
 * entries from its back.
 */
#include "init/config.h"

#include "base/string.h"
#include "base/words.h"
#include "fs/host.h"
#include "log/log.h"
#include "trace/trace.h"

#define LARGEST_STACK (1ul << 40)

enum { SHUTDOWN_LIMIT_MOST = 1000000 };

struct config config;

/*
 * A number from 1 to limit at *s, which is moved behind it. 0 if there is none, or a
 * larger one.
 */
static unsigned long parse_number(const char **s, unsigned long limit) {
    unsigned long n = 0;

    for (; **s >= '0' && **s <= '9'; ++*s) {
        if (n > limit / 10)
            return 0;
        n = n * 10 + (unsigned long)(**s - '0');
    }
    return n <= limit ? n : 0;
}

static bool set_stack(const char *value) {
    size_t n = parse_number(&value, LARGEST_STACK);
    unsigned shift = *value == 'K' ? 10 : *value == 'M' ? 20 : 0;

    if (!n || n > LARGEST_STACK >> shift || value[shift != 0])
        return false;
    config.stack_size = n << shift;
    return true;
}

static bool set_terminal(const char *value) {
    unsigned long columns = parse_number(&value, UINT16_MAX);

    if (!columns || *value++ != 'x')
        return false;
    unsigned long rows = parse_number(&value, UINT16_MAX);
    if (!rows || *value)
        return false;
    config.is_terminal = true;
    config.terminal_columns = (uint16_t)columns;
    config.terminal_rows = (uint16_t)rows;
    return true;
}

static bool set_log(const char *value) {
    static const char *const names[] = {"error", "warn", "info", "debug"};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(value, names[i])) {
            log_set_level(i);
            return true;
        }
    return false;
}

static bool set_ports(const char *value) {
    config.use_ports = !strcmp(value, "1");
    return config.use_ports;
}

static bool set_rings(const char *value) {
    config.use_rings = !strcmp(value, "1");
    return config.use_rings;
}

static bool set_join(const char *value) {
    config.join_errors = !strcmp(value, "1");
    return config.join_errors;
}

static bool set_relay(const char *value) {
    config.is_relayed = !strcmp(value, "1");
    return config.is_relayed;
}

static bool set_shutdown(const char *value) {
    config.shutdown_by_interrupt = !strcmp(value, "int");
    return config.shutdown_by_interrupt || !strcmp(value, "term");
}

static bool set_shutdown_limit(const char *value) {
    unsigned long seconds = parse_number(&value, SHUTDOWN_LIMIT_MOST);

    if (!seconds || *value)
        return false;
    config.shutdown_limit = (unsigned)seconds;
    return true;
}

static bool set_name(const char *value) {
    config.argv[0] = value;
    return true;
}

static bool set_cwd(const char *value) {
    config.cwd = value;
    return *value == '/';
}

static bool set_env(const char *value) {
    *--config.envp = value;
    config.envc++;
    return true;
}

static bool set_host_name(const char *value) {
    config.host_name = value;
    return *value && strlen(value) <= HOST_NAME_MOST;
}

static bool set_address(const char *value) {
    for (unsigned i = 0; i < CONFIG_ADDRESSES; i++)
        if (!config.addresses[i]) {
            config.addresses[i] = value;
            return true;
        }
    return false;
}

static bool set_zone(const char *value) {
    char *name = (char *)(unsigned long)value - sizeof "TZ";

    memcpy(name, "TZ", 2);
    config.zone = name;
    return true;
}

static void set(const char *word) {
    static const struct {
        char name[16];
        bool (*set)(const char *value);
    } settings[] = {
#ifdef ATMAN_TRACE
        {"trace=", trace_set_lines},
        {"summary=", trace_set_summary},
#endif
        {"cwd=", set_cwd},
        {"env=", set_env},
        {"hostname=", set_host_name},
        {"ip=", set_address},
        {"join=", set_join},
        {"log=", set_log},
        {"name=", set_name},
        {"ports=", set_ports},
        {"relay=", set_relay},
        {"rings=", set_rings},
        {"shutdown=", set_shutdown},
        {"shutdown-limit=", set_shutdown_limit},
        {"stack=", set_stack},
        {"tty=", set_terminal},
        {"tz=", set_zone},
    };
    const char *name = word + sizeof "atman." - 1;

    for (unsigned i = 0; i < ARRAY_SIZE(settings); i++) {
        size_t n = strlen(settings[i].name);
        if (!strncmp(name, settings[i].name, n) && settings[i].set(name + n))
            return;
    }
    if (!config.unknown)
        config.unknown = word;
}

/* "tz=" becomes "TZ=" where it is, and part of the environment, unless that has one. */
static void set_environment_zone(void) {
    for (unsigned i = 0; i < config.envc; i++)
        if (!strncmp(config.envp[i], "TZ=", 3))
            return;
    set_env(config.zone);
}

void config_read(char *line, const char **words) {
    static char name[] = "kernel"; /* programs may write to their arguments */
    bool only_arguments = false;
    const char *word;

    config.argv = words;
    config.envp = words + CONFIG_WORDS;
    config.argv[config.argc++] = name;
    while (config.argv + config.argc < config.envp && (word = words_next(&line))) {
        if (!only_arguments && !strcmp(word, "--"))
            only_arguments = true;
        else if (!only_arguments && !strncmp(word, "atman.", 6))
            set(word);
        else
            config.argv[config.argc++] = word;
    }
    if (config.zone && config.argv + config.argc < config.envp)
        set_environment_zone();
}
