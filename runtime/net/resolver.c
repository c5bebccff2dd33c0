/* SPDX-License-Identifier: MIT */
#include "net/resolver.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/format.h"
#include "base/string.h"
#include "fs/file.h"
#include "fs/open.h"
#include "lwip/dns.h"
#include "net/stack.h"
#include "sched/mutex.h"

static ip_addr_t servers[DNS_MAX_SERVERS];
static unsigned said; /* the first of them, and then nothing is learnt */
static bool is_new;

void dns_init(void) {}

static void set(unsigned number, const ip_addr_t *server) {
    ip_addr_t own;

    memset(&own, 0, sizeof own);
    if (server)
        ip_addr_copy(own, *server);
    if (number >= DNS_MAX_SERVERS || !memcmp(&servers[number], &own, sizeof own))
        return;
    servers[number] = own;
    __atomic_store_n(&is_new, true, __ATOMIC_SEQ_CST);
    stack_wake();
}

void resolver_say(const ip_addr_t *list, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        set(said++, &list[i]);
}

/* lwIP's, with the lock. NULL: there is none at that place. */
void dns_setserver(u8_t number, const ip_addr_t *server) {
    if (!said)
        set(number, server);
}

const ip_addr_t *dns_getserver(u8_t number) {
    return number < DNS_MAX_SERVERS ? &servers[number] : IP_ADDR_ANY;
}

static size_t make_text(char *text, size_t room) {
    char address[IPADDR_STRLEN_MAX];
    size_t at = 0;

    net_enter();
    for (unsigned i = 0; i < DNS_MAX_SERVERS; i++) {
        if (ip_addr_isany(&servers[i]))
            continue;
        ipaddr_ntoa_r(&servers[i], address, sizeof address);
        at += (size_t)format(text + at, room - at, "nameserver %s\n", address);
    }
    net_leave();
    return at;
}

static void write_file(const char *text, size_t size) {
    static bool is_ours;
    struct file *file;
    struct stat stat;

    if (open_path(AT_FDCWD, "/etc/resolv.conf", O_WRONLY | O_CREAT, 0644, 0, &file))
        return;
    if (is_ours || (!file_stat(file, &stat) && !stat.st_size)) {
        struct transfer from = transfer_own((char *)(unsigned long)text, size);
        is_ours = file_write(file, &from, NULL) == (long)size;
    }
    file_drop(file);
}

void resolver_write(void) {
    static struct mutex mutex;
    char text[DNS_MAX_SERVERS * (IPADDR_STRLEN_MAX + 16)];

    if (!__atomic_load_n(&is_new, __ATOMIC_SEQ_CST))
        return;
    mutex_take(&mutex);
    if (__atomic_exchange_n(&is_new, false, __ATOMIC_SEQ_CST))
        write_file(text, make_text(text, sizeof text));
    mutex_drop(&mutex);
}
