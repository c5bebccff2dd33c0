# SPDX-License-Identifier: MIT
# atman_unit_test(NAME SOURCE... [LIBRARIES target...] [INCLUDES folder...] [DEFINES d...]):
# builds a program for the build host under AddressSanitizer and UBSan, any finding being
# fatal, and registers it as the test `unit.NAME` with the label `unit`.
set(ATMAN_SANITIZE -fsanitize=address,undefined -fno-sanitize-recover=all
  -fno-omit-frame-pointer)

function(atman_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 unit "" "" "LIBRARIES;INCLUDES;DEFINES")
  string(REPLACE "." "_" target "unit_${name}")
  add_executable(${target} ${unit_UNPARSED_ARGUMENTS})
  target_compile_options(${target} PRIVATE ${ATMAN_SANITIZE} -O1 -g)
  target_link_options(${target} PRIVATE ${ATMAN_SANITIZE})
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE ${unit_DEFINES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit
    ${unit_INCLUDES})
  target_link_libraries(${target} PRIVATE ${unit_LIBRARIES} atman_warnings)
  add_test(NAME unit.${name} COMMAND ${target})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()
