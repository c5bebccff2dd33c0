/* SPDX-License-Identifier: MIT */
/*
 * How zlib's inflate and zstd's decoder are compiled (included before each of their files):
 * small, and without a C library's memory. What they need they get from gzip.c and zstd.c.
 */
#ifndef ATMAN_FS_CODECS_H
#define ATMAN_FS_CODECS_H

/* Neither gzip's header nor allocation, which are ours. The sum of zlib's own format is not
 * used, but referred to. */
#define NO_GZIP
#define Z_SOLO
#define adler32 unpack_adler32

#define ZSTD_DEPS_MALLOC
#define ZSTD_malloc(size) ((void)(size), (void *)0)
#define ZSTD_calloc(count, size) ((void)(count), (void)(size), (void *)0)
#define ZSTD_free(memory) ((void)(memory))

/* One way of each, the smallest; what is left decodes all there is. */
#define ZSTD_DISABLE_ASM 1
#define ZSTD_NO_INLINE 1
#define ZSTD_NO_INTRINSICS 1
#define ZSTD_STRIP_ERROR_STRINGS 1
#define ZSTD_LEGACY_SUPPORT 0
#define ZSTD_TRACE 0
#define ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT 1
#define HUF_FORCE_DECOMPRESS_X1 1
#define HUF_DISABLE_FAST_DECODE 1
#define DYNAMIC_BMI2 0
#define XXH_NAMESPACE ZSTD_
#define XXH_NO_STDLIB

#endif
