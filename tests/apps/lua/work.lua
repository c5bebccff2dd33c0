-- SPDX-License-Identifier: MIT
-- A bit of everything: numbers, strings, tables, closures, coroutines, errors, files.
print(_VERSION, #arg, arg[1], arg[2])

-- Floating point as text, both ways, and the edges of integers.
for _, x in ipairs { 0.1, 1 / 3, 1e300 * 1e10, -0.0, 2 ^ 53, 123456789.123, 5e-324, math.pi } do
    print(x, string.format("%.14g %.3f %e %a", x, x % 1e9, x, x), tonumber(tostring(x)))
end
print(math.maxinteger + 1 == math.mininteger, 7 // -2, 7 % -2, -7 // 2.0, 1 << 62, ~0 >> 60)
print(pcall(function() return 1 // 0 end))
for _, f in ipairs { "sin", "cos", "tan", "exp", "log", "sqrt", "asin", "atan" } do
    print(f, string.format("%.15g", math[f](0.7)))
end

-- Words, counted and sorted.
local words, names = {}, {}
for i = 1, 20000 do
    local word = string.format("w%03d", i * i % 613)
    words[word] = (words[word] or 0) + 1
end
for word in pairs(words) do
    names[#names + 1] = word
end
table.sort(names, function(a, b)
    if words[a] ~= words[b] then return words[a] > words[b] end
    return a < b
end)
print(#names, names[1], words[names[1]], names[#names], words[names[#names]])
print(("key=value; other=thing"):gsub("(%w+)=(%w+)", "%2=%1"))
print(string.pack("<i4 s2 d", -7, "packed", 0.5):byte(1, -1))
print(utf8.char(228, 8364, 128512), utf8.len("äöü"), ("%q"):format("a\nb\0c"))

-- Coroutines: the sieve, a filter for each prime.
local function numbers(n)
    return coroutine.wrap(function() for i = 2, n do coroutine.yield(i) end end)
end
local function filter(p, source)
    return coroutine.wrap(function()
        for n in source do
            if n % p ~= 0 then coroutine.yield(n) end
        end
    end)
end
local source, primes = numbers(500), {}
for prime in function() return source() end do
    primes[#primes + 1] = prime
    source = filter(prime, source)
end
print(#primes, primes[#primes])

-- Errors, deep recursion, collection.
print(pcall(error, { code = 5 }) == false, select(2, pcall(error, "text", 0)))
local function deep() return 1 + deep() end
print(pcall(deep) == false)
local weak = setmetatable({}, { __mode = "v" })
for i = 1, 1000 do weak[i] = {} end
collectgarbage()
print(next(weak), collectgarbage("count") < 20000)

-- Files.
local file = assert(io.open("made", "w"))
for i = 1, 10000 do file:write(i, " ", i * i, "\n") end
print(file:seek("cur"), file:close())
local sum = 0
for line in io.lines("made") do
    sum = sum + tonumber(line:match(" (%d+)"))
end
print(sum, os.rename("made", "other"), io.open("made"))
file = io.open("other", "r+b")
file:seek("set", 100)
print(file:read("n", "l", 7))
file:close()
print(os.remove("other"), os.remove("other"))
print(os.date("!%Y-%m-%d %H:%M:%S", 86400 * 365), os.time { year = 2001, month = 9, day = 9, hour = 12 })
os.exit(7, true)
