# SPDX-License-Identifier: MIT
# Third-party sources and packages for the build. Each function works while
# CMake configures, by obtain.sh; what it returns was verified in this run, and
# a failure stops the configuration after one line that says what to do.
#
# atman_obtain_source(NAME <Debian source package> VERSION <upstream version>
#                     SHA256 <of the upstream tarball> [TARBALL <user's file>]
#                     [KEEP <path in the tarball>... KEEP_SHA256 <hash>]
#                     [OPTION <name of the option that gives TARBALL>] OUT <var>)
#   <var> becomes the path of the tarball, in the cache or the user's file. With
#   KEEP it is a small plain tar of those members only (named from the tarball's
#   top folder on, like ./compiler-rt/LICENSE.TXT), whose hash is KEEP_SHA256;
#   TARBALL may be that small one too. OPTION is only named in messages; default
#   ATMAN_<NAME>_TARBALL.
#
# atman_source_command(... LINK <path> OUT <var>), with the same arguments
#   <var> becomes a command, which gets the tarball when it is run and makes <path> a symbolic
#   link to it: for what only a test needs.
#
# atman_obtain_package(NAME <Debian binary package> [PACKAGE <user's file>]
#                      [OPTION <name of the option that gives PACKAGE>] OUT <var>)
#   <var> becomes a folder below the build folder which holds the package's
#   files; nothing is installed. Any revision that apt's signed lists offer.
#
# atman_unpack(TARBALL <file> SHA256 <hash> INTO <folder>)
#   Makes the folder hold the tarball's content (whole, with its top folder).
#   A folder that holds it already stays, and so do the times of its files.
include_guard(GLOBAL)

foreach(script obtain say cache apt source package)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${CMAKE_CURRENT_LIST_DIR}/${script}.sh")
endforeach()

# Runs obtain.sh with the arguments; its answer, one line, goes to out.
function(_atman_obtain out what)
  execute_process(
    COMMAND sh "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/obtain.sh" ${what} ${ARGN}
    OUTPUT_VARIABLE answer
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "obtain: stopped; the reason is in the line above")
  endif()
  set(${out} "${answer}" PARENT_SCOPE)
endfunction()

# The arguments of obtain.sh for a source; the caller's arguments are in ARGN.
function(_atman_source_arguments out)
  cmake_parse_arguments(PARSE_ARGV 1 a ""
    "NAME;VERSION;SHA256;TARBALL;KEEP_SHA256;OPTION;LINK;OUT" "KEEP")
  if(NOT a_OPTION)
    string(TOUPPER "ATMAN_${a_NAME}_TARBALL" a_OPTION)
  endif()
  set(arguments source --name "${a_NAME}" --version "${a_VERSION}" --sha256 "${a_SHA256}"
    --cache "${ATMAN_CACHE_DIR}" --work "${CMAKE_BINARY_DIR}/obtain"
    --option "${a_OPTION}")
  foreach(path IN LISTS a_KEEP)
    list(APPEND arguments --keep "${path}")
  endforeach()
  if(a_KEEP)
    list(APPEND arguments --keep-sha256 "${a_KEEP_SHA256}")
  endif()
  if(a_TARBALL)
    list(APPEND arguments --file "${a_TARBALL}")
  endif()
  if(a_LINK)
    list(APPEND arguments --link "${a_LINK}")
  endif()
  set(${out} ${arguments} PARENT_SCOPE)
endfunction()

function(atman_obtain_source)
  cmake_parse_arguments(PARSE_ARGV 0 a "" "OUT" "")
  _atman_source_arguments(arguments ${ARGV})
  _atman_obtain(path ${arguments})
  set(${a_OUT} "${path}" PARENT_SCOPE)
endfunction()

function(atman_source_command)
  cmake_parse_arguments(PARSE_ARGV 0 a "" "OUT" "")
  _atman_source_arguments(arguments ${ARGV})
  set(${a_OUT} sh "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/obtain.sh" ${arguments} PARENT_SCOPE)
endfunction()

function(atman_obtain_package)
  cmake_parse_arguments(PARSE_ARGV 0 a "" "NAME;PACKAGE;OPTION;OUT" "")
  set(arguments --name "${a_NAME}" --option "${a_OPTION}"
    --cache "${ATMAN_CACHE_DIR}" --work "${CMAKE_BINARY_DIR}/obtain"
    --into "${CMAKE_BINARY_DIR}/obtain/${a_NAME}")
  if(a_PACKAGE)
    list(APPEND arguments --file "${a_PACKAGE}")
  endif()
  _atman_obtain(path package ${arguments})
  set(${a_OUT} "${path}" PARENT_SCOPE)
endfunction()

function(atman_unpack)
  cmake_parse_arguments(PARSE_ARGV 0 a "" "TARBALL;SHA256;INTO" "")
  _atman_obtain(ignored unpack
    --file "${a_TARBALL}" --sha256 "${a_SHA256}" --into "${a_INTO}")
endfunction()
