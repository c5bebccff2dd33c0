/* SPDX-License-Identifier: MIT */
#include "fs/procnodes.h"

#include "fs/hooks.h"
#include "fs/host.h"

#define IN(directory) (1u << PROC_##directory)
#define SYS_IN(directory) (1u << SYSFS_##directory)
#define TEXT(of) .mode = 0444, .make = (of)
#define CONSTANT(text) .mode = 0444, .directory = PROC_CONSTANT, .constant = text "\n"
#define DIRECTORY(which) .kind = PROC_DIRECTORY, .directory = PROC_##which, .mode = 0555
#define SYS_DIRECTORY(which)                                                               \
    .kind = PROC_DIRECTORY, .directory = SYSFS_##which, .mode = 0755
#define LINK(which) .kind = PROC_LINK_##which, .mode = 0777

#define PROCESS IN(PROCESS)
#define BOTH (IN(PROCESS) | IN(THREAD))

/* In each directory in the order of Linux's. */
const struct proc_node proc_nodes[] = {
    [PROC_NODE_PROCESS] = {"", DIRECTORY(PROCESS)},
    [PROC_NODE_THREAD] = {"", DIRECTORY(THREAD)},
    [PROC_NODE_FD] = {"", .kind = PROC_LINK_FD, .mode = 0700},
    [PROC_NODE_FD_INFO] = {"", TEXT(proc_fd_info)},
    [PROC_NODE_SYSFS] = {"", SYS_DIRECTORY(ROOT)},
    [PROC_NODE_TOP] = {"", DIRECTORY(ROOT)},

    {"task", DIRECTORY(TASKS), .in = PROCESS},
    {"fd", .kind = PROC_DIRECTORY, .directory = PROC_FDS, .mode = 0500, .in = BOTH},
    {"fdinfo", DIRECTORY(FD_INFOS), .in = BOTH},
    {"environ", .mode = 0400, .make = proc_environ, .in = BOTH},
    {"auxv", .mode = 0400, .make = proc_auxv, .in = BOTH},
    {"status", TEXT(proc_status), .in = BOTH},
    {"limits", TEXT(proc_limits), .in = BOTH},
    {"comm", .mode = 0644, .make = proc_comm, .in = BOTH, .write = proc_set_comm},
    {"cmdline", TEXT(proc_cmdline), .in = BOTH},
    {"stat", TEXT(proc_stat), .in = BOTH},
    {"statm", TEXT(proc_statm), .in = BOTH},
    {"maps", TEXT(proc_maps), .in = BOTH},
    {"cwd", LINK(CWD), .in = BOTH},
    {"root", LINK(ROOT), .in = BOTH},
    {"exe", LINK(IMAGE), .in = BOTH},
    {"mounts", TEXT(proc_mounts), .in = BOTH},
    {"mountinfo", TEXT(proc_mountinfo), .in = BOTH},
    {"oom_score", CONSTANT("0"), .in = BOTH},
    {"oom_score_adj", CONSTANT("0"), .in = BOTH},
    {"cgroup", CONSTANT("0::/"), .in = BOTH},

    {"self", .kind = PROC_LINK, .mode = 0777, .target = "1", .in = IN(ROOT)},
    {"thread-self", LINK(THREAD), .in = IN(ROOT)},
    {"cmdline", TEXT(proc_cmdline), .in = IN(ROOT)},
    {"cpuinfo", TEXT(proc_cpuinfo), .in = IN(ROOT)},
    {"devices",
     CONSTANT("Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n"
              "  5 /dev/ptmx\n229 hvc\n\nBlock devices:\n202 xvd\n259 blkext"),
     .in = IN(ROOT)},
    {"filesystems", CONSTANT("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tramfs"),
     .in = IN(ROOT)},
    {"loadavg", TEXT(proc_loadavg), .in = IN(ROOT)},
    {"meminfo", TEXT(proc_meminfo), .in = IN(ROOT)},
    {"mounts", .kind = PROC_LINK, .mode = 0777, .target = "self/mounts", .in = IN(ROOT)},
    {"partitions", TEXT(proc_partitions), .in = IN(ROOT)},
    {"stat", TEXT(proc_system_stat), .in = IN(ROOT)},
    {"swaps", CONSTANT("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"), .in = IN(ROOT)},
    {"uptime", TEXT(proc_uptime), .in = IN(ROOT)},
    {"version", TEXT(proc_version), .in = IN(ROOT)},
    {"sys", DIRECTORY(SYS), .in = IN(ROOT)},

    {"kernel", DIRECTORY(KERNEL), .in = IN(SYS)},
    {"vm", DIRECTORY(VM), .in = IN(SYS)},
    {"net", DIRECTORY(SYS_NET), .in = IN(SYS)},
    {"fs", DIRECTORY(FS), .in = IN(SYS)},
    {"random", DIRECTORY(RANDOM), .in = IN(KERNEL)},
    {"core", DIRECTORY(CORE), .in = IN(SYS_NET)},
    {"hostname", .mode = 0644, .make = proc_host_name, .write = proc_set_host_name,
     .in = IN(KERNEL)},
    {"ostype", CONSTANT(HOST_SYSTEM), .in = IN(KERNEL)},
    {"osrelease", CONSTANT(ATMAN_VERSION), .in = IN(KERNEL)},
    {"version", CONSTANT(HOST_VERSION), .in = IN(KERNEL)},
    {"pid_max", CONSTANT("1073741824"), .in = IN(KERNEL)},
    {"threads-max", CONSTANT("1073741824"), .in = IN(KERNEL)},
    {"ngroups_max", CONSTANT("65536"), .in = IN(KERNEL)},
    {"cap_last_cap", CONSTANT("40"), .in = IN(KERNEL)},
    {"uuid", TEXT(proc_uuid), .in = IN(RANDOM)},
    {"boot_id", TEXT(proc_boot_id), .in = IN(RANDOM)},
    {"entropy_avail", CONSTANT("256"), .in = IN(RANDOM)},
    {"overcommit_memory", CONSTANT("0"), .in = IN(VM)},
    {"max_map_count", CONSTANT("2147483647"), .in = IN(VM)},
    {"somaxconn", CONSTANT("4096"), .in = IN(CORE)},
    {"file-max", CONSTANT("262144"), .in = IN(FS)},
    {"file-nr", TEXT(proc_file_nr), .in = IN(FS)},
    {"nr_open", CONSTANT("262144"), .in = IN(FS)},
    {"pipe-max-size", CONSTANT("1048576"), .in = IN(FS)},

    {"devices", SYS_DIRECTORY(DEVICES), .in = SYS_IN(ROOT)},
    {"system", SYS_DIRECTORY(SYSTEM), .in = SYS_IN(DEVICES)},
    {"cpu", SYS_DIRECTORY(CPU), .in = SYS_IN(SYSTEM)},
    {"online", TEXT(proc_cpus), .in = SYS_IN(CPU)},
    {"possible", TEXT(proc_cpus), .in = SYS_IN(CPU)},
    {"present", TEXT(proc_cpus), .in = SYS_IN(CPU)},
};
_Static_assert(FILES_MOST == 262144, "file-max, nr_open");

const unsigned proc_node_count = ARRAY_SIZE(proc_nodes);
