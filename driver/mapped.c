/* SPDX-License-Identifier: MIT */
#include "mapped.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct mapped mapped_file(const char *path) {
    struct mapped file = {0};
    struct stat st;
    /* A FIFO would be waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return file;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

        if (at != MAP_FAILED)
            file = (struct mapped){at, (size_t)st.st_size};
    }
    close(fd);
    return file;
}

void mapped_end(struct mapped file) {
    if (file.size)
        munmap(file.at, file.size);
}
