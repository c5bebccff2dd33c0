# SPDX-License-Identifier: MIT
# CMake toolchain file for guests:
#   cmake -B build --toolchain /folder/of/atman/share/atman/atman.cmake
# Finds everything from where it is itself.
get_filename_component(_atman_share "${CMAKE_CURRENT_LIST_FILE}" REALPATH)
get_filename_component(_atman_share "${_atman_share}" DIRECTORY)
get_filename_component(_atman "${_atman_share}/../.." ABSOLUTE)
set(_atman_prefix "${_atman}/bin/x86_64-atman-linux-musl")

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER "${_atman_prefix}-cc")
set(CMAKE_ASM_COMPILER "${_atman_prefix}-cc")
set(CMAKE_CXX_COMPILER "${_atman_prefix}-c++") # which says that there is none yet
foreach(_atman_tool AR RANLIB NM STRIP OBJCOPY OBJDUMP READELF ADDR2LINE)
  string(TOLOWER "${_atman_tool}" _atman_name)
  set(CMAKE_${_atman_tool} "${_atman_prefix}-${_atman_name}" CACHE FILEPATH "")
endforeach()
set(CMAKE_C_COMPILER_AR "${CMAKE_AR}")
set(CMAKE_C_COMPILER_RANLIB "${CMAKE_RANLIB}")
set(PKG_CONFIG_EXECUTABLE "${_atman_prefix}-pkg-config" CACHE FILEPATH "")

# The build machine's programs, the sysroot's libraries.
list(PREPEND CMAKE_FIND_ROOT_PATH "${_atman}/sysroot")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Tests run in a guest.
if(NOT DEFINED CMAKE_CROSSCOMPILING_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR "${_atman}/bin/atman-run")
endif()

# Shared libraries become static ones. That is a property, which CMake sets itself after it
# has read this file and before it reads this one.
set(CMAKE_USER_MAKE_RULES_OVERRIDE "${_atman_share}/atman-rules.cmake")

# CMake's check for a function only links, and these are there but always fail.
foreach(_atman_name FORK VFORK WORKING_FORK WORKING_VFORK EXECV EXECVP EXECVE POSIX_SPAWN
    POSIX_SPAWNP POPEN)
  set(HAVE_${_atman_name} "" CACHE INTERNAL "")
endforeach()
