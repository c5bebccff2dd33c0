/* What a guest has only by name: each of these always fails, since there is one process.
 * configure scripts and Meson take these macros, which glibc has for the same purpose, for
 * "no". (build.sh puts this into <bits/alltypes.h>, which their test programs include.) */
#define __stub_fork
#define __stub_vfork
#define __stub__Fork
#define __stub_execl
#define __stub_execle
#define __stub_execlp
#define __stub_execv
#define __stub_execve
#define __stub_execvp
#define __stub_execvpe
#define __stub_fexecve
#define __stub_posix_spawn
#define __stub_posix_spawnp
#define __stub_popen
#define __stub_system
#define __stub_daemon
#define __stub_forkpty
#define __stub_wordexp
