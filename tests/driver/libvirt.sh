# SPDX-License-Identifier: MIT
# What --print-config=libvirt prints is a domain by libvirt's own schema, which is in Debian's
# package of the library. Skipped where that, or xmllint, is not to be had.
. "$(dirname "$0")/lib.sh"

run=$ATMAN_TOOLCHAIN/bin/atman-run
package=libvirt0
unpacked=$ATMAN_BUILD/obtain/$package
command -v xmllint >/dev/null || {
    echo 'skipped: no xmllint (apt-get install libxml2-utils)'
    exit 77
}
sh "$ATMAN_SOURCE/sysroot/obtain/obtain.sh" package --name $package --cache "$ATMAN_CACHE_DIR" \
    --work "$ATMAN_BUILD/obtain" --into "$unpacked" >.out 2>.err || {
    echo "skipped: $package was not obtained:"
    cat .err
    exit 77
}
schema=$unpacked/usr/share/libvirt/schemas/domain.rng
there "$schema"

printf 'int main(void) { return 0; }\n' >plain.c
passes "$cc" -o plain plain.c
mkdir tree
echo hello >tree/greeting

# fits OPTION...: what atman-run prints with these is such a domain.
fits() {
    run "$run" --print-config=libvirt "$@" plain "a<b & 'c'" '"]]>'
    verdict $status "--print-config=libvirt $*"
    cp .out domain.xml
    run xmllint --noout --relaxng "$schema" domain.xml
    verdict $status "libvirt does not take what is printed for: $*"
}
fits
fits --vcpus 3 -m 100M -e 'NAME=<value>'
fits --files tree --pack made
fits --disk 'a & b,ro' --disk=c
fits --net --net=mac=00:16:3e:00:00:01 --ip 10.0.0.2/24
fits --net=bridge=br1,mac=00:16:3e:00:00:02

# The schema is one that refuses something.
sed 's/<vcpu>/<cpus>/; s/<.vcpu>/<\/cpus>/' domain.xml >bad.xml
fails 3 'fails to validate' xmllint --noout --relaxng "$schema" bad.xml

finish
