/* SPDX-License-Identifier: MIT */
/*
 * Reads the command line. Arguments fill the array of words from its front, environment
 * entries from its back.
 */
#include "init/config.h"

#include "base/string.h"
#include "base/words.h"
#include "log/log.h"

struct config config;

static unsigned long parse_number(const char **s) {
    unsigned long n = 0;

    for (; **s >= '0' && **s <= '9'; ++*s)
        n = n * 10 + (unsigned long)(**s - '0');
    return n;
}

static bool set_stack(const char *value) {
    size_t n = parse_number(&value);

    if (*value == 'K')
        n <<= 10, value++;
    else if (*value == 'M')
        n <<= 20, value++;
    config.stack_size = n;
    return n && !*value;
}

static bool set_terminal(const char *value) {
    config.is_terminal = true;
    config.terminal_columns = (uint16_t)parse_number(&value);
    if (*value++ != 'x')
        return false;
    config.terminal_rows = (uint16_t)parse_number(&value);
    return !*value;
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

static bool set_name(const char *value) {
    config.argv[0] = value;
    return true;
}

static bool set_env(const char *value) {
    *--config.envp = value;
    config.envc++;
    return true;
}

static void set(const char *word) {
    static const struct {
        char name[12];
        bool (*set)(const char *value);
    } settings[] = {
        {"env=", set_env},     {"log=", set_log},     {"name=", set_name},
        {"ports=", set_ports}, {"stack=", set_stack}, {"tty=", set_terminal},
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

void config_read(char *line, const char **words) {
    bool only_arguments = false;
    const char *word;

    config.argv = words;
    config.envp = words + CONFIG_WORDS;
    config.argv[config.argc++] = "kernel";
    while (config.argv + config.argc < config.envp && (word = words_next(&line))) {
        if (!only_arguments && !strcmp(word, "--"))
            only_arguments = true;
        else if (!only_arguments && !strncmp(word, "atman.", 6))
            set(word);
        else
            config.argv[config.argc++] = word;
    }
}
