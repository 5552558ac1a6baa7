-- iSER (RFC 7145) as Linux speaks it on InfiniBand and RoCE: login private data, the 28-byte header in front of each
-- iSCSI PDU, and the commands whose STags the RDMA packets use.

local wire = require("weft.wire")
local scsi = require("weft.scsi")
local u8, u16, u24, u32, bits = wire.u8, wire.u16, wire.u24, wire.u32, wire.bits

local HEADER, BHS = 28, 48

local M = { name = "iser", label = "iSER", stateless = true } -- stateless: shown before the packet is analysed

local opcodes = {
    [0x00] = "NOP-Out", [0x01] = "SCSI Command", [0x02] = "Task Management Request", [0x03] = "Login Request",
    [0x04] = "Text Request", [0x05] = "Data-Out", [0x06] = "Logout Request", [0x10] = "SNACK", [0x20] = "NOP-In",
    [0x21] = "SCSI Response", [0x22] = "Task Management Response", [0x23] = "Login Response", [0x24] = "Text Response",
    [0x25] = "Data-In", [0x26] = "Logout Response", [0x31] = "R2T", [0x32] = "Async Message", [0x3F] = "Reject",
}

local f = {
    iser = ProtoField.protocol("iser", "iSCSI Extensions for RDMA"),
    opcode = ProtoField.uint8("iser.flags.opcode", "Opcode", base.HEX, { [1] = "iSCSI Control-Type PDU", [2] = "Hello Message", [3] = "HelloReply Message" }, 0xF0),
    wsv = ProtoField.bool("iser.flags.wsv", "WSV", 8, { "Write STag valid", "Write STag not valid" }, 0x08),
    rsv = ProtoField.bool("iser.flags.rsv", "RSV", 8, { "Read STag valid", "Read STag not valid" }, 0x04),
    write_stag = ProtoField.uint32("iser.write_stag", "Write STag", base.HEX),
    write_va = ProtoField.uint64("iser.write_base_offset", "Write Base Offset", base.HEX),
    read_stag = ProtoField.uint32("iser.read_stag", "Read STag", base.HEX),
    read_va = ProtoField.uint64("iser.read_base_offset", "Read Base Offset", base.HEX),
    zbva = ProtoField.bool("weft.iser.cm.no_zbva", "Zero-based virtual addresses", 8, { "not supported", "supported" }, 0x80),
    invalidate = ProtoField.bool("weft.iser.cm.no_invalidate", "Send with invalidate", 8, { "not supported", "supported" }, 0x40),
    reserved = ProtoField.uint8("weft.iser.cm.reserved", "Reserved", base.HEX, nil, 0x3F),
}
M.fields = {}
for _, field in pairs(f) do M.fields[#M.fields + 1] = field end
M.experts = {}

-- Is this the private data of an iSER login? ib_iser and libiscsi set one or both of the upper flags. A connection to an
-- iSER port counts in any case: all zero (tgt) is legal, and some initiators send nothing.
function M.classify(m, port_is_ours)
    if not m.ip or #m.private < 4 then return nil end
    local flags = u8(m.private, 0)
    if port_is_ours or (flags >= 0x40 and flags % 64 == 0 and wire.is_zero(m.private, 1, #m.private - 1)) then
        return { flags = flags }
    end
    return nil
end

-- Private data of REQ, REP and REJ. tvb holds just this private data. Returns text for the Info column.
function M.show_private(m, tvb, tree)
    if (m.name ~= "REQ" and m.name ~= "REP") or tvb:len() < 4 then return nil end
    local sub = tree:add(tvb(0, 4), "iSER login private data")
    for _, field in ipairs({ f.zbva, f.invalidate, f.reserved }) do sub:add(field, tvb(0, 1)) end
    local flags = tvb(0, 1):uint()
    return "iSER, remote invalidate " .. (flags % 128 >= 64 and "no" or "yes")
end

-- Could a SEND of a connection that nobody classified be iSER? Strict, since wrong guesses hide data.
function M.guess(data)
    if #data < HEADER + BHS then return false end
    local flags = u8(data, 0)
    if math.floor(flags / 16) ~= 1 or flags % 4 ~= 0 or not wire.is_zero(data, 1, 3) then return false end
    if not opcodes[u8(data, HEADER) % 64] or u8(data, HEADER) >= 128 then return false end
    local length = HEADER + BHS + 4 * u8(data, HEADER + 4) + u24(data, HEADER + 5)
    return length <= #data and #data <= length + 3
end

local function pdu(data)
    if #data < HEADER + BHS or math.floor(u8(data, 0) / 16) ~= 1 then return nil end
    return {
        flags = u8(data, 0), opcode = u8(data, HEADER) % 64, tag = u32(data, HEADER + 16),
        name = opcodes[u8(data, HEADER) % 64] or "iSCSI opcode " .. u8(data, HEADER) % 64,
    }
end

-- A complete message, once, in capture order. Notes commands and answers in the connection and in the record.
function M.message(track, connection, data, record, frame, time)
    local p = pdu(data)
    if not p then return end
    record.summary = p.name
    if p.opcode == 0x01 then
        local length = u32(data, HEADER + 20)
        local command = {
            frame = frame, time = time, tag = p.tag, expected = length,
            text = string.format("%s LUN %s", scsi.describe(data:sub(HEADER + 33, HEADER + 48)), scsi.lun(data, HEADER + 8)),
        }
        track.command(connection, command)
        if bits(p.flags, 3, 3) == 1 then track.buffer(connection, command, u32(data, 4), wire.hex(data, 8, 8), length) end
        if bits(p.flags, 2, 2) == 1 then track.buffer(connection, command, u32(data, 16), wire.hex(data, 20, 8), length) end
        record.summary = command.text
    elseif p.opcode == 0x21 then
        record.answer = track.answer(connection, p.tag, frame)
        record.summary = "SCSI Response " .. scsi.status(u8(data, HEADER + 3))
    elseif p.opcode == 0x02 then
        local aborted = connection.commands[u32(data, HEADER + 20)]
        if aborted and u8(data, HEADER + 1) % 128 == 1 then record.about = aborted end
    end
end

-- Shows a whole message. The stock iSER dissector is not used: it cannot be called by name, knows only first packets,
-- and where it is offered the data of RDMA packets it takes some of that for iSER. Fields have the stock names.
function M.show(proto, tvb, pinfo, tree, record, iscsi)
    if tvb:len() < HEADER then return end
    local sub = tree:add(f.iser, tvb(0, HEADER))
    sub:add(f.opcode, tvb(0, 1))
    sub:add(f.wsv, tvb(0, 1))
    sub:add(f.rsv, tvb(0, 1))
    sub:add(f.write_stag, tvb(4, 4))
    sub:add(f.write_va, tvb(8, 8))
    sub:add(f.read_stag, tvb(16, 4))
    sub:add(f.read_va, tvb(20, 8))
    if tvb(0, 1):bitfield(0, 4) == 1 and tvb:len() > HEADER then
        pinfo.cols.protocol = "iSCSI"
        pinfo.cols.info = ""
        -- An error is shown by the dissector that raised it; it must not end ours.
        pcall(iscsi.call, iscsi, tvb(HEADER):tvb(), pinfo, tree)
    end
end

return M
