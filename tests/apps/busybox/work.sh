# SPDX-License-Identifier: MIT
# A shell's own work, without another process.
echo "$# $1 $2 $0"
word=archive.tar.gz
cat_lines() {
    while IFS= read -r line; do
        echo "$prefix$line"
    done
}
prefix='> '
cat_lines <<END
The word is $word, of ${#word} characters;
the sum is $((6 * 7)), \$word stays, and so does \\.
END
cat_lines <<-'END'
	Nothing of $word is $((6 * 7)) here,
		and tabs are gone.
END
cat_lines <<ONE
one, then
${none:-another}
ONE
n=0 last=
while read -r a b rest; do
    [ "$b" = 976 ] && n=$((n + 1)) && last=$a
done <text
echo "$n $last $rest"
sieve=
i=2
while [ $i -lt 200 ]; do
    case $sieve in
    *" $i "*) ;;
    *)
        printf '%d ' $i
        j=$((i * i))
        while [ $j -lt 200 ]; do
            sieve="$sieve $j "
            j=$((j + i))
        done
        ;;
    esac
    i=$((i + 1))
done
echo
. ./part.sh
echo "from part: $part"
made_by() {
    mkdir -p tree/a tree/b
    touch tree/a/1 tree/b/2 tree/3
    for f in tree/* tree/*/*; do
        [ -d "$f" ] && echo "$f/" || echo "$f"
    done
    unlink tree/a/1 && unlink tree/b/2 && unlink tree/3 && rmdir tree/a tree/b tree
}
made_by
exec 3>log
for i in 1 2 3; do
    echo "message $i" >&3
done
exec 3>&-
cat_lines <log
trap 'echo "leaving with $?"; unlink log' EXIT
eval 'v=3; echo $((v << 4))'
set -e
true
[ -s log ]
false
echo never
