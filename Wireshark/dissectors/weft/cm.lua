-- Communication management messages (IBA Vol 1 12.6) and the RDMA CM header in their private data (annex A11).

local wire = require("weft.wire")
local u8, u16, u24, u32, bits = wire.u8, wire.u16, wire.u24, wire.u32, wire.bits

local M = {}

M.names = {
    [0x10] = "REQ", [0x11] = "MRA", [0x12] = "REJ", [0x13] = "REP", [0x14] = "RTU", [0x15] = "DREQ", [0x16] = "DREP",
    [0x17] = "SIDR_REQ", [0x18] = "SIDR_REP", [0x19] = "LAP", [0x1A] = "APR",
}

M.reasons = {
    [1] = "no QP available", [2] = "no EEC available", [3] = "no resources available", [4] = "timeout",
    [5] = "unsupported request", [6] = "invalid communication ID", [7] = "invalid communication instance",
    [8] = "invalid service ID (nothing listens there)", [9] = "invalid transport service type", [10] = "stale connection",
    [11] = "RDC does not exist", [12] = "primary remote port GID rejected", [13] = "primary remote port LID rejected",
    [14] = "invalid primary SL", [15] = "invalid primary traffic class", [16] = "invalid primary hop limit",
    [17] = "invalid primary packet rate", [18] = "alternate remote port GID rejected",
    [19] = "alternate remote port LID rejected", [20] = "invalid alternate SL", [21] = "invalid alternate traffic class",
    [22] = "invalid alternate hop limit", [23] = "invalid alternate packet rate", [24] = "port and CM redirection",
    [25] = "port redirection", [26] = "invalid path MTU", [27] = "insufficient responder resources",
    [28] = "consumer reject (see the private data)", [29] = "RNR retry count rejected",
    [30] = "duplicate local communication ID", [31] = "invalid class version", [32] = "invalid primary flow label",
    [33] = "invalid alternate flow label", [35] = "vendor option not supported",
}

M.sidr_status = {
    [0] = "valid", [1] = "service ID not supported", [2] = "rejected by service provider", [3] = "no QP available",
    [4] = "redirect", [5] = "unsupported version",
}

local private = { -- offset of the private data inside the message, and its length
    [0x10] = { 140, 92 }, [0x11] = { 10, 222 }, [0x12] = { 84, 148 }, [0x13] = { 36, 196 }, [0x14] = { 8, 224 },
    [0x15] = { 12, 220 }, [0x16] = { 8, 224 }, [0x17] = { 16, 216 }, [0x18] = { 96, 136 }, [0x19] = { 64, 168 },
    [0x1A] = { 84, 148 },
}

-- mad: 256 bytes. Offsets in the result count from the start of the MAD. Nil when this is no CM message.
function M.parse(mad)
    if #mad < 256 or u8(mad, 1) ~= 7 then return nil end
    local attribute = u16(mad, 16)
    local place = private[attribute]
    if not place then return nil end
    local m = {
        attribute = attribute, name = M.names[attribute], local_id = u32(mad, 24),
        private_offset = 24 + place[1], private_length = place[2],
    }
    if attribute == 0x17 or attribute == 0x18 then
        m.request_id = m.local_id
        m.local_id = nil
    elseif attribute ~= 0x10 then
        m.remote_id = u32(mad, 28)
    end
    if attribute == 0x10 then
        m.service = wire.hex(mad, 32, 8)
        m.qpn, m.psn = u24(mad, 56), u24(mad, 68)
        m.mtu = ({ 256, 512, 1024, 2048, 4096 })[bits(u8(mad, 74), 7, 4)]
    elseif attribute == 0x13 then
        m.qpn, m.psn = u24(mad, 36), u24(mad, 44)
    elseif attribute == 0x11 then
        m.answers = ({ [0] = "REQ", [1] = "REP", [2] = "LAP" })[bits(u8(mad, 32), 7, 6)] or "?"
        m.timeout = bits(u8(mad, 33), 7, 3)
    elseif attribute == 0x12 then
        m.answers = ({ [0] = "REQ", [1] = "REP" })[bits(u8(mad, 32), 7, 6)] or "other"
        m.information_length = bits(u8(mad, 33), 7, 1)
        m.reason = u16(mad, 34)
    elseif attribute == 0x15 then
        m.qpn = u24(mad, 32)
    elseif attribute == 0x17 then
        m.service = wire.hex(mad, 32, 8)
    elseif attribute == 0x18 then
        m.status, m.qpn, m.service = u8(mad, 28), u24(mad, 32), wire.hex(mad, 36, 8)
    end
    -- Service IDs of the RDMA CM: 00000000 01 <protocol> <port>.
    if m.service and m.service:sub(1, 10) == "0000000001" then
        m.protocol, m.port = tonumber(m.service:sub(11, 12), 16), tonumber(m.service:sub(13, 16), 16)
        if attribute == 0x10 or attribute == 0x17 then
            local o = m.private_offset
            local version = bits(u8(mad, o + 1), 7, 4)
            if u8(mad, o) == 0 and (version == 4 or version == 6) then
                m.ip = {
                    offset = o, version = version, source_port = u16(mad, o + 2),
                    source = wire.ip(mad, o + 4, version), destination = wire.ip(mad, o + 20, version),
                }
                m.private_offset, m.private_length = o + 36, m.private_length - 36
            end
        end
    end
    m.private = mad:sub(m.private_offset + 1, m.private_offset + m.private_length)
    return m
end

return M
