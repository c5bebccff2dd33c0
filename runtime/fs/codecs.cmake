# SPDX-License-Identifier: MIT
# The decoders' files and folders, for the runtime and for tests: codec_sources, and the
# folders in which <zlib.h> and <zstd.h> are, codec_folders. The files are not ours to warn
# about.
get_property(zlib GLOBAL PROPERTY ATMAN_ZLIB)
get_property(zstd GLOBAL PROPERTY ATMAN_ZSTD)
set(codec_folders "${zlib}" "${zstd}")
set(codec_sources "${zlib}/inffast.c" "${zlib}/inflate.c" "${zlib}/inftrees.c"
  "${zstd}/common/entropy_common.c" "${zstd}/common/error_private.c"
  "${zstd}/common/fse_decompress.c" "${zstd}/common/xxhash.c"
  "${zstd}/common/zstd_common.c" "${zstd}/decompress/huf_decompress.c"
  "${zstd}/decompress/zstd_ddict.c" "${zstd}/decompress/zstd_decompress.c"
  "${zstd}/decompress/zstd_decompress_block.c")
set(codec_options -w -include "${CMAKE_CURRENT_LIST_DIR}/codecs.h")
