# SPDX-License-Identifier: MIT
# cmake -DOUTPUT=FILE -DROOT=FOLDER -DTEXT=… -P identify.cmake -- FILE…
# Writes one line: TEXT and a hash over the names and contents of the files, which are in
# ROOT; equal sources give equal lines, wherever they are.
set(all "")
set(seen FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  set(file "${CMAKE_ARGV${i}}")
  if(seen)
    file(SHA256 "${file}" hash)
    file(RELATIVE_PATH name "${ROOT}" "${file}")
    string(APPEND all "${name} ${hash}\n")
  elseif(file STREQUAL "--")
    set(seen TRUE)
  endif()
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING "${hash}" 0 16 hash)
file(WRITE "${OUTPUT}" "${TEXT}, sysroot ${hash}\n")
