# SPDX-License-Identifier: MIT
# Runs each line of the file $1 in this shell, and says what came of it.
start=$PWD
while IFS= read -r line <&3; do
    echo "== $line"
    eval "$line"
    echo "= $?"
done 3<"$1"
