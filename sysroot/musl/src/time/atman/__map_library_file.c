/* SPDX-License-Identifier: MIT */
/* What __map_file.c does in a program that has files. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "syscall.h"

hidden const char unsigned *__map_library_file(const char *path, size_t *size)
{
	struct stat st;
	void *at = MAP_FAILED;
	int fd = sys_open(path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);

	if (fd < 0) return 0;
	if (!fstat(fd, &st)) {
		at = mmap(0, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		*size = st.st_size;
	}
	__syscall(SYS_close, fd);
	return at == MAP_FAILED ? 0 : at;
}
