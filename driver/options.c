/* SPDX-License-Identifier: MIT */
/*
 * Reading command lines: see options.h. The lists name every option of clang 19's gcc-like
 * driver and of lld 19's ELF linker that takes its argument as a separate word; a driver
 * test asks both tools whether the lists are right.
 */
#include "options.h"

#include <string.h>

/* clang: exact spellings, sorted by name. */
static const char compiler_one[] =
    "--CLASSPATH --analyzer-output --assert --bootclasspath --classpath --config "
    "--define-macro --encoding --extdirs --for-linker --force-link --imacros "
    "--include --include-directory --include-directory-after --include-prefix "
    "--include-with-prefix --language --library-directory --mhwdiv "
    "--no-system-header-prefix --output --output-class-directory --param --prefix "
    "--print-file-name --print-prog-name --resource --rtlib --serialize-diagnostics "
    "--specs --std --stdlib --sysroot --system-header-prefix --undefine-macro "
    "--vfsoverlay -A -B -D -F -G -I -L -MF -MJ -MQ -MT -T -U -V -Xanalyzer "
    "-Xarch_device -Xarch_host -Xassembler -Xclang -Xcuda-fatbinary -Xcuda-ptxas "
    "-Xlinker -Xmicrosoft-visualc-tools-root -Xmicrosoft-visualc-tools-version "
    "-Xmicrosoft-windows-sdk-root -Xmicrosoft-windows-sdk-version "
    "-Xmicrosoft-windows-sys-root -Xoffload-linker -Xopenmp-target -Xpreprocessor "
    "-Zlinker-input -alias_list -allowable_client -arch -arch_only "
    "-arcmt-migrate-report-output -b -bundle_loader -ccc-arcmt-migrate -ccc-gcc-name "
    "-ccc-install-dir -ccc-objcmt-migrate -client_name -compatibility_version "
    "-current_version -cxx-isystem -darwin-target-variant "
    "-darwin-target-variant-triple -dependency-dot -dependency-file -dsym-dir "
    "-dumpdir -dylib_file -dylinker_install_name -e -exported_symbols_list "
    "-fdebug-compilation-dir -fexperimental-openacc-macro-override -filelist "
    "-fmodule-implementation-of -fmodules-user-build-path -fnew-alignment -force_load "
    "-framework -ftrapv-handler -gen-cdb-fragment-path -hlsl-entry -iapinotes-modules "
    "-idirafter -iframework -iframeworkwithsysroot -imacros -image_base -imultilib "
    "-include -include-pch -init -install_name -iprefix -iquote -isysroot -isystem "
    "-isystem-after -ivfsoverlay -iwithprefix -iwithprefixbefore -iwithsysroot -l "
    "-lazy_framework -lazy_library -meabi -mllvm -mmlir -module-dependency-dir "
    "-mthread-model -multiply_defined -multiply_defined_unused -o -object-file-name "
    "-pagezero_size -read_only_relocs -reexport_framework -reexport_library "
    "-resource-dir -rpath -seg1addr -seg_addr_table -seg_addr_table_filename "
    "-segs_read_only_addr -segs_read_write_addr -serialize-diagnostics -specs "
    "-stdlib++-isystem -sub_library -sub_umbrella -target -u -umbrella -undefined "
    "-unexported_symbols_list -validator-version -vfsoverlay -weak_framework "
    "-weak_library -weak_reference_mismatches -working-directory -x -z";
static const char compiler_two[] = "-sectobjectsymbols -segaddr";
static const char compiler_three[] =
    "-sectalign -sectcreate -sectorder -segcreate -segprot";

/* lld: one letter after one dash, or a name after two (one is accepted for most). */
static const char linker_letters[] = "FLORTbefhlmouyz";
static const char linker_names[] =
    "Map Tbss Tdata Ttext Ttext-segment android-memtag-mode auxiliary "
    "call-graph-ordering-file chroot compress-debug-sections compress-sections dT "
    "default-script defsym dependency-file dynamic-linker dynamic-list entry "
    "error-handling-script error-limit exclude-libs export-dynamic-symbol "
    "export-dynamic-symbol-list filter fini format hash-style image-base in-implib "
    "init just-symbols keep-unique library library-path load-pass-plugin "
    "lto-known-safe-vtables mips-got-size mllvm oformat opt-remarks-filename "
    "opt-remarks-format opt-remarks-hotness-threshold opt-remarks-passes "
    "orphan-handling out-implib output pack-dyn-relocs plugin print-symbol-order "
    "remap-inputs reproduce retain-symbols-file rpath rpath-link rsp-quoting script "
    "section-start shuffle-sections soname sort-section split-stack-adjust-size "
    "symbol-ordering-file sysroot target2 thinlto-cache-policy threads "
    "time-trace-granularity trace-symbol undefined undefined-glob unresolved-symbols "
    "version-script warn-backrefs-exclude wrap";

/* Is word one of the words of a list, which single spaces separate? */
static bool listed(const char *list, const char *word) {
    size_t length = strlen(word);

    while (list) {
        const char *end = strchrnul(list, ' ');

        if ((size_t)(end - list) == length && memcmp(list, word, length) == 0)
            return true;
        list = *end ? end + 1 : NULL;
    }
    return false;
}

static size_t compiler_arguments(const char *word) {
    if (listed(compiler_one, word))
        return 1;
    /* -Xarch_NAME and -Xopenmp-target=TRIPLE pass the next word on. */
    if (strncmp(word, "-Xarch_", 7) == 0 || strncmp(word, "-Xopenmp-target=", 16) == 0)
        return 1;
    if (strncmp(word, "-Xoffload-linker", 16) == 0)
        return 1;
    if (listed(compiler_two, word))
        return 2;
    if (listed(compiler_three, word))
        return 3;
    return 0;
}

static size_t linker_arguments(const char *word) {
    if (word[1] != '-' && word[1] != '\0' && word[2] == '\0')
        return strchr(linker_letters, word[1]) ? 1 : 0;
    return listed(linker_names, word + (word[1] == '-' ? 2 : 1));
}

size_t option_arguments(enum option_language language, const char *word) {
    if (word[0] != '-')
        return 0;
    return language == OPTIONS_COMPILER ? compiler_arguments(word) : linker_arguments(word);
}

bool option_next(enum option_language language, const struct argv *line, size_t *i,
                 struct option *option) {
    bool inputs_only = *i > 0 && option->input;
    size_t arguments;

    if (*i >= line->count)
        return false;
    option->first = *i;
    option->word = line->words[*i];
    option->input = inputs_only;
    arguments = inputs_only ? 0 : option_arguments(language, option->word);
    if (arguments > line->count - *i - 1)
        arguments = line->count - *i - 1;
    option->value = arguments ? line->words[*i + 1] : NULL;
    option->count = arguments + 1;
    *i += option->count;
    /* The `--` itself is no input, but everything after it is. */
    if (!inputs_only && language == OPTIONS_COMPILER && strcmp(option->word, "--") == 0)
        option->input = true;
    return true;
}

const char *option_value(const struct option *option, const char *spelling) {
    size_t length = strlen(spelling);

    if (option->input || strncmp(option->word, spelling, length) != 0)
        return NULL;
    if (option->word[length] != '\0')
        return option->word + length;
    return option->value;
}
