# SPDX-License-Identifier: MIT
# Read by CMake after its own rules for Linux (atman.cmake says why).
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
