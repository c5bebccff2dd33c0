-- SPDX-License-Identifier: MIT
-- suite.lua FILE...: runs them one after the other, and says how each ended.
local files = {...}
local dofile, pcall, print, debug, os, io, string =
    dofile, pcall, print, debug, os, io, string

table.sort(files)
for _, file in ipairs(files) do
    if not string.find(file, "suite") then
        print("--- " .. file)
        print(pcall(dofile, file))
        T = nil
        debug.sethook()
        io.output(io.stdout)
        io.input(io.stdin)
        os.setlocale("C")
    end
end
