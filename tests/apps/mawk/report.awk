# SPDX-License-Identifier: MIT
# Sums a table's rows by name and by answer, to stdout and by way of a file.
{
    sum[$2] += $3
    count[$2, $4]++
    if ($3 > most) {
        most = $3
        at = NR
    }
}
$2 ~ /^name1.[05]$/ && $4 == "no" { print $1, sqrt($3), int(log($1) * 1000) > "some" }
END {
    for (name in sum)
        printf "%s %.2f %d %d\n", name, sum[name], count[name, "yes"], count[name, "no"]
    print "most", most, at, NR
    close("some")
    while ((getline line < "some") > 0)
        print "some", line
    n = split("one,two,,four", part, ",")
    print n, part[4], length(part[3]), sprintf("%05d|%s", 42, substr("substring", 4, 3))
    print no_such_name + 0, index("abcdef", "cd"), tolower("ÄBC") == "", 1e6 "", 0.1 + 0.2
}
