-- Reading numbers out of byte strings. Offsets count from 0, numbers are big-endian, callers check lengths first.
-- Modules of this folder only return tables: Wireshark also loads them by itself as plug-ins, which must change nothing.

local M = {}

local byte = string.byte

function M.u8(s, o)
    return byte(s, o + 1)
end

function M.u16(s, o)
    local a, b = byte(s, o + 1, o + 2)
    return a * 256 + b
end

function M.u24(s, o)
    local a, b, c = byte(s, o + 1, o + 3)
    return a * 65536 + b * 256 + c
end

function M.u32(s, o)
    local a, b, c, d = byte(s, o + 1, o + 4)
    return a * 16777216 + b * 65536 + c * 256 + d
end

-- 64-bit values stay text: a Lua 5.2 number holds 53 bits.
function M.hex(s, o, n)
    return (s:sub(o + 1, o + n):gsub(".", function(c) return string.format("%02x", byte(c)) end))
end

-- Bits high..low (7 is the most significant) of a number below 256.
function M.bits(value, high, low)
    return math.floor(value / 2 ^ low) % 2 ^ (high - low + 1)
end

function M.is_zero(s, o, n)
    return not s:find("[^%z]", o + 1) or (s:find("[^%z]", o + 1) > o + n)
end

-- Distance of two packet sequence numbers, signed, on the 24-bit circle.
function M.psn_distance(a, b)
    local d = (a - b) % 16777216
    if d >= 8388608 then d = d - 16777216 end
    return d
end

-- An IPv4-mapped or IPv6 address in 16 bytes; the RDMA CM header pads IPv4 with zeros in front.
function M.ip(s, o, version)
    if version == 4 then
        return string.format("%d.%d.%d.%d", byte(s, o + 13, o + 16))
    end
    local groups = {}
    for i = 0, 7 do groups[#groups + 1] = string.format("%x", M.u16(s, o + 2 * i)) end
    return table.concat(groups, ":")
end

return M
