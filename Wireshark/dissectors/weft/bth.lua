-- Base transport header and the extended headers behind it (IBA Vol 1 9.2 to 9.3, table 35).

local wire = require("weft.wire")
local u8, u16, u24, u32 = wire.u8, wire.u16, wire.u24, wire.u32

local M = {}

M.RC, M.UC, M.UD = 0, 1, 3

-- Operation (low five bits of the opcode): class, place in the message, extended headers.
local operations = {
    [0x00] = { "send", "first" },
    [0x01] = { "send", "middle" },
    [0x02] = { "send", "last" },
    [0x03] = { "send", "last", "imm" },
    [0x04] = { "send", "only" },
    [0x05] = { "send", "only", "imm" },
    [0x06] = { "write", "first", "reth" },
    [0x07] = { "write", "middle" },
    [0x08] = { "write", "last" },
    [0x09] = { "write", "last", "imm" },
    [0x0A] = { "write", "only", "reth" },
    [0x0B] = { "write", "only", "reth", "imm" },
    [0x0C] = { "read", "only", "reth" },
    [0x0D] = { "response", "first", "aeth" },
    [0x0E] = { "response", "middle" },
    [0x0F] = { "response", "last", "aeth" },
    [0x10] = { "response", "only", "aeth" },
    [0x11] = { "ack", "only", "aeth" },
    [0x12] = { "ack", "only", "aeth", "atomicack" },
    [0x13] = { "atomic", "only", "atomic" },
    [0x14] = { "atomic", "only", "atomic" },
    [0x16] = { "send", "last", "ieth" },
    [0x17] = { "send", "only", "ieth" },
}
local length = { imm = 4, reth = 16, aeth = 4, atomicack = 8, atomic = 28, ieth = 4 }

-- transport: bytes from the BTH up to and including the ICRC. Nil when it is too short or of no known operation.
function M.parse(transport)
    local size = #transport
    if size < 16 then return nil end
    local opcode = u8(transport, 0)
    local operation = operations[opcode % 32]
    local kind = math.floor(opcode / 32)
    if not operation or (kind ~= M.RC and kind ~= M.UC and kind ~= M.UD) then return nil end
    local p = {
        opcode = opcode, transport = kind, class = operation[1], place = operation[2],
        pad = wire.bits(u8(transport, 1), 5, 4), qpn = u24(transport, 5), psn = u24(transport, 9),
    }
    local o = 12
    if kind == M.UD then
        if size < o + 12 then return nil end
        p.source_qpn = u24(transport, o + 5)
        o = o + 8
    end
    for i = 3, #operation do
        local header = operation[i]
        if size < o + length[header] + 4 then return nil end
        if header == "reth" then
            p.va, p.key, p.length = wire.hex(transport, o, 8), u32(transport, o + 8), u32(transport, o + 12)
        elseif header == "aeth" then
            p.syndrome, p.msn = u8(transport, o), u24(transport, o + 1)
        elseif header == "ieth" then
            p.invalidate = u32(transport, o)
        end
        o = o + length[header]
    end
    p.offset = o                 -- of the payload, from the BTH
    p.room = size - 4 - o        -- payload and padding
    p.size = p.room - p.pad      -- payload
    if p.size < 0 then return nil end
    return p
end

return M
