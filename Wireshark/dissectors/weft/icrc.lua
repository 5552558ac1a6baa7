-- Invariant CRC: CRC-32 with the Ethernet polynomial over eight FF bytes and the packet with the fields that routers
-- may change set to ones (IBA Vol 1 9.5.2; RoCEv2 annex A17.3.3). Stored least significant byte first.

local M = {}

local library = rawget(_G, "bit32") or rawget(_G, "bit") -- Lua 5.2 has bit32; Wireshark brings bit with every Lua
local band, bxor, rshift = library.band, library.bxor, library.rshift
local byte, char, rep = string.byte, string.char, string.rep

-- Four tables, so that four bytes take one step.
local t0, t1, t2, t3 = {}, {}, {}, {}
for i = 0, 255 do
    local c = i
    for _ = 1, 8 do
        if band(c, 1) == 1 then c = bxor(rshift(c, 1), 0xEDB88320) else c = rshift(c, 1) end
    end
    t0[i] = c
end
for i = 0, 255 do
    local c = t0[i]
    for _, t in ipairs({ t1, t2, t3 }) do
        c = bxor(rshift(c, 8), t0[band(c, 255)])
        t[i] = c
    end
end

local function update(crc, s)
    local n = #s
    local i = 1
    while i + 3 <= n do
        local a, b, c, d = byte(s, i, i + 3)
        local x = bxor(crc, a + b * 256 + c * 65536 + d * 16777216)
        crc = bxor(t3[band(x, 255)], t2[band(rshift(x, 8), 255)], t1[band(rshift(x, 16), 255)], t0[band(rshift(x, 24), 255)])
        i = i + 4
    end
    while i <= n do
        crc = bxor(rshift(crc, 8), t0[band(bxor(crc, byte(s, i)), 255)])
        i = i + 1
    end
    return crc
end

-- The IPv4 or IPv6 header, with its variant fields as ones.
local function masked_ip(ip)
    if math.floor(byte(ip, 1) / 16) == 4 then
        return ip:sub(1, 1) .. "\255" .. ip:sub(3, 8) .. "\255" .. ip:sub(10, 10) .. "\255\255" .. ip:sub(13)
    end
    return "\111\255\255\255" .. ip:sub(5, 7) .. "\255" .. ip:sub(9)
end

local function finish(crc, transport)
    crc = update(crc, transport:sub(1, 4) .. "\255")
    crc = update(crc, transport:sub(6, -5))
    crc = bxor(crc, 0xFFFFFFFF) % 4294967296
    local a, b, c, d = byte(transport, -4, -1)
    return crc == a + b * 256 + c * 65536 + d * 16777216
end

-- ip: the IP header; udp: the 8-byte UDP header; transport: BTH up to and including the ICRC.
function M.verify_roce(ip, udp, transport)
    local crc = update(0xFFFFFFFF, rep("\255", 8) .. masked_ip(ip) .. udp:sub(1, 6) .. "\255\255")
    return finish(crc, transport)
end

-- lrh: 8 bytes, or nil (RoCEv1); grh: 40 bytes or nil. With a GRH the whole LRH counts as ones.
function M.verify_ib(lrh, grh, transport)
    local head
    if grh then
        head = rep("\255", 8) .. masked_ip(grh)
    else
        head = char(240 + byte(lrh, 1) % 16) .. lrh:sub(2)
    end
    return finish(update(0xFFFFFFFF, head), transport)
end

return M
