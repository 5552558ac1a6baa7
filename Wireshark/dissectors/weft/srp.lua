-- SRP (T10 SRP r16a, with the immediate data of SRP-2 as Linux uses it): login in CM private data, information units in
-- SENDs, the request limit, and responses matched with their requests.

local wire = require("weft.wire")
local scsi = require("weft.scsi")
local u8, u16, u32, bits, hex = wire.u8, wire.u16, wire.u32, wire.bits, wire.hex

local M = { name = "srp", label = "SRP" }

local opcodes = {
    [0x00] = "SRP_LOGIN_REQ", [0x01] = "SRP_TSK_MGMT", [0x02] = "SRP_CMD", [0x03] = "SRP_I_LOGOUT", [0x41] = "SRP_CRED_RSP",
    [0x42] = "SRP_AER_RSP", [0x80] = "SRP_T_LOGOUT", [0x81] = "SRP_CRED_REQ", [0x82] = "SRP_AER_REQ",
    [0xC0] = "SRP_LOGIN_RSP", [0xC1] = "SRP_RSP", [0xC2] = "SRP_LOGIN_REJ",
}
local smallest = { -- bytes of the fixed part; units that are exactly that long end there
    [0x01] = 48, [0x02] = 48, [0x03] = 16, [0x41] = 16, [0x42] = 16, [0x80] = 16, [0x81] = 16, [0x82] = 36, [0xC1] = 36,
}
local functions = { [0x01] = "ABORT TASK", [0x02] = "ABORT TASK SET", [0x04] = "CLEAR TASK SET", [0x08] = "LOGICAL UNIT RESET", [0x40] = "CLEAR ACA" }
local reject_reasons = {
    [0x00010000] = "unable to establish RDMA channel", [0x00010001] = "insufficient channel resources",
    [0x00010002] = "requested IU length too large", [0x00010003] = "unable to associate channel with I_T nexus",
    [0x00010004] = "unsupported data buffer descriptor format", [0x00010005] = "no support for multiple channels per I_T nexus",
    [0x00010006] = "channel limit reached for this initiator",
}
local formats = { [0] = "none", [1] = "direct", [2] = "indirect", [3] = "immediate" }
local attributes = { [0] = "SIMPLE", [1] = "HEAD OF QUEUE", [2] = "ORDERED", [4] = "ACA" }
local response_codes = { [0] = "no failure, or task management function complete", [2] = "request fields invalid", [4] = "task management function not supported", [5] = "task management function failed" }
local channel_actions = { [0] = "terminate existing channels", [1] = "keep existing channels" }
local channel_results = { [0] = "no channel existed", [1] = "existing channels terminated", [2] = "existing channels kept" }
local sense_keys = {
    [0] = "NO SENSE", [1] = "RECOVERED ERROR", [2] = "NOT READY", [3] = "MEDIUM ERROR", [4] = "HARDWARE ERROR", [5] = "ILLEGAL REQUEST",
    [6] = "UNIT ATTENTION", [7] = "DATA PROTECT", [8] = "BLANK CHECK", [10] = "COPY ABORTED", [11] = "ABORTED COMMAND",
    [13] = "VOLUME OVERFLOW", [14] = "MISCOMPARE",
}

local f = {
    opcode = ProtoField.uint8("srp.opcode", "Opcode", base.HEX, opcodes),
    tag = ProtoField.uint64("srp.tag", "Tag", base.HEX),
    solicit = ProtoField.uint8("srp.sol_not", "Solicited notification", base.HEX),
    delta = ProtoField.int32("srp.req_lim_delta", "Request limit delta", base.DEC),
    credit = ProtoField.int32("srp.req_lim", "Request limit after this unit", base.DEC),
    it_length = ProtoField.uint32("srp.max_it_iu_len", "Maximum initiator to target IU length", base.DEC),
    ti_length = ProtoField.uint32("srp.max_ti_iu_len", "Maximum target to initiator IU length", base.DEC),
    formats = ProtoField.uint16("srp.buf_fmt", "Buffer descriptor formats", base.HEX),
    format_direct = ProtoField.bool("srp.buf_fmt.direct", "Direct", 16, nil, 0x0002),
    format_indirect = ProtoField.bool("srp.buf_fmt.indirect", "Indirect", 16, nil, 0x0004),
    action = ProtoField.uint8("srp.multichannel", "Multi-channel action", base.DEC, channel_actions, 0x03),
    result = ProtoField.uint8("srp.multichannel.result", "Multi-channel result", base.DEC, channel_results, 0x03),
    immediate = ProtoField.bool("srp.immediate", "Immediate data", 8, nil, 0x80),
    immediate_offset = ProtoField.uint16("srp.imm_data_offset", "Immediate data offset", base.DEC),
    initiator_port = ProtoField.bytes("srp.initiator_port", "Initiator port identifier"),
    target_port = ProtoField.bytes("srp.target_port", "Target port identifier"),
    reject = ProtoField.uint32("srp.rej_reason", "Reject reason", base.HEX, reject_reasons),
    reason = ProtoField.uint32("srp.logout_reason", "Logout reason", base.HEX),
    out_format = ProtoField.uint8("srp.out.fmt", "Data-out buffer format", base.DEC, formats, 0xF0),
    in_format = ProtoField.uint8("srp.in.fmt", "Data-in buffer format", base.DEC, formats, 0x0F),
    out_count = ProtoField.uint8("srp.out.count", "Data-out descriptor count", base.DEC),
    in_count = ProtoField.uint8("srp.in.count", "Data-in descriptor count", base.DEC),
    lun = ProtoField.bytes("srp.lun", "LUN"),
    attribute = ProtoField.uint8("srp.task_attr", "Task attribute", base.DEC, attributes, 0x07),
    additional = ProtoField.uint8("srp.add_cdb_len", "Additional CDB length (words)", base.DEC, nil, 0xFC),
    cdb = ProtoField.bytes("srp.cdb", "CDB"),
    opcode_scsi = ProtoField.uint8("srp.cdb.opcode", "SCSI operation code", base.HEX),
    va = ProtoField.uint64("srp.desc.va", "Virtual address", base.HEX),
    key = ProtoField.uint32("srp.desc.key", "Memory handle (R_Key)", base.HEX),
    length = ProtoField.uint32("srp.desc.len", "Length", base.DEC),
    total = ProtoField.uint32("srp.desc.total", "Total length", base.DEC),
    immediate_length = ProtoField.uint32("srp.imm_data_len", "Immediate data length", base.DEC),
    data = ProtoField.bytes("srp.imm_data", "Immediate data"),
    task_function = ProtoField.uint8("srp.tsk_mgmt_func", "Task management function", base.HEX, functions),
    task_tag = ProtoField.uint64("srp.task_tag", "Tag of the managed task", base.HEX),
    flags = ProtoField.uint8("srp.flags", "Flags", base.HEX),
    rspvalid = ProtoField.bool("srp.flags.rspvalid", "RSPVALID", 8, nil, 0x01),
    snsvalid = ProtoField.bool("srp.flags.snsvalid", "SNSVALID", 8, nil, 0x02),
    doover = ProtoField.bool("srp.flags.doover", "DOOVER", 8, nil, 0x04),
    dounder = ProtoField.bool("srp.flags.dounder", "DOUNDER", 8, nil, 0x08),
    diover = ProtoField.bool("srp.flags.diover", "DIOVER", 8, nil, 0x10),
    diunder = ProtoField.bool("srp.flags.diunder", "DIUNDER", 8, nil, 0x20),
    status = ProtoField.uint8("srp.status", "SCSI status", base.HEX),
    out_residual = ProtoField.uint32("srp.out.residual", "Data-out residual", base.DEC),
    in_residual = ProtoField.uint32("srp.in.residual", "Data-in residual", base.DEC),
    sense_length = ProtoField.uint32("srp.sense_len", "Sense data length", base.DEC),
    response_length = ProtoField.uint32("srp.resp_len", "Response data length", base.DEC),
    response_code = ProtoField.uint8("srp.resp_code", "Response code", base.DEC, response_codes),
    sense = ProtoField.bytes("srp.sense", "Sense data"),
}
M.fields = {}
for _, field in pairs(f) do M.fields[#M.fields + 1] = field end

M.experts = {
    credit = ProtoExpert.new("srp.no_credit", "Request sent although the request limit was used up", expert.group.PROTOCOL, expert.severity.WARN),
    short = ProtoExpert.new("srp.short", "Information unit is shorter than its fields say", expert.group.PROTOCOL, expert.severity.ERROR),
    sum = ProtoExpert.new("srp.descriptor_sum", "Descriptor lengths do not add up to the total length", expert.group.PROTOCOL, expert.severity.WARN),
    status = ProtoExpert.new("srp.bad_status", "Command did not end well", expert.group.RESPONSE_CODE, expert.severity.NOTE),
    reject = ProtoExpert.new("srp.login_rejected", "SRP login rejected", expert.group.RESPONSE_CODE, expert.severity.WARN),
    orphan = ProtoExpert.new("srp.no_request", "No request with this tag is outstanding", expert.group.SEQUENCE, expert.severity.NOTE),
}

local function plausible(buffer_formats, length)
    return (buffer_formats == 2 or buffer_formats == 4 or buffer_formats == 6) and length >= 64 and length < 16777216
end

-- A login is 64 bytes over the IB CM, and a compressed form of 56 bytes behind the header of the RDMA CM.
function M.classify(m)
    local s = m.private
    if m.ip then
        if #s < 56 or u8(s, 11) ~= 0 or not plausible(u16(s, 8), u32(s, 12)) or not wire.is_zero(s, 50, 6) then return nil end
        return { immediate_offset = u16(s, 48) }
    end
    if m.port or #s < 64 or u8(s, 0) ~= 0 or not plausible(u16(s, 24), u32(s, 16)) then return nil end
    return { immediate_offset = u16(s, 28) }
end

-- The target's answer to a login: its grant starts the request limit.
function M.reply(connection, m)
    local s = m.private
    if #s >= 52 and u8(s, 0) == 0xC0 then connection.credit = u32(s, 4) end
end

local function show_formats(tree, range)
    local sub = tree:add(f.formats, range)
    sub:add(f.format_direct, range)
    sub:add(f.format_indirect, range)
end

function M.show_private(m, tvb, tree)
    if m.name == "REQ" then
        local at = m.ip
            and { size = 56, tag = 0, formats = 8, flags = 10, opcode = 11, length = 12, initiator = 16, target = 32, offset = 48 }
            or { size = 64, opcode = 0, tag = 8, length = 16, formats = 24, flags = 26, offset = 28, initiator = 32, target = 48 }
        if tvb:len() < at.size then return nil end
        local sub = tree:add(tvb(0, at.size), "SRP_LOGIN_REQ")
        sub:add(f.opcode, tvb(at.opcode, 1))
        sub:add(f.tag, tvb(at.tag, 8))
        show_formats(sub, tvb(at.formats, 2))
        sub:add(f.action, tvb(at.flags, 1))
        sub:add(f.immediate, tvb(at.flags, 1))
        sub:add(f.it_length, tvb(at.length, 4))
        sub:add(f.initiator_port, tvb(at.initiator, 16))
        sub:add(f.target_port, tvb(at.target, 16))
        sub:add(f.immediate_offset, tvb(at.offset, 2))
        return "SRP_LOGIN_REQ, IU length " .. tvb(at.length, 4):uint()
    elseif m.name == "REP" then
        if tvb:len() < 52 or tvb(0, 1):uint() ~= 0xC0 then return nil end
        local sub = tree:add(tvb(0, 52), "SRP_LOGIN_RSP")
        sub:add(f.opcode, tvb(0, 1))
        sub:add(f.delta, tvb(4, 4))
        sub:add(f.tag, tvb(8, 8))
        sub:add(f.it_length, tvb(16, 4))
        sub:add(f.ti_length, tvb(20, 4))
        show_formats(sub, tvb(24, 2))
        sub:add(f.result, tvb(26, 1))
        sub:add(f.immediate, tvb(26, 1))
        return string.format("SRP_LOGIN_RSP, request limit %d, IU length %d", tvb(4, 4):int(), tvb(16, 4):uint())
    elseif m.name == "REJ" and m.reason == 28 then
        if tvb:len() < 32 or tvb(0, 1):uint() ~= 0xC2 then return nil end
        local sub = tree:add(tvb(0, 32), "SRP_LOGIN_REJ")
        sub:add(f.opcode, tvb(0, 1))
        sub:add(f.reject, tvb(4, 4))
        sub:add(f.tag, tvb(8, 8))
        show_formats(sub, tvb(24, 2))
        local reason = tvb(4, 4):uint()
        local text = reject_reasons[reason] or string.format("reason 0x%08x", reason)
        sub:add_proto_expert_info(M.experts.reject, "SRP login rejected: " .. text)
        return "SRP_LOGIN_REJ: " .. text
    end
    return nil
end

-- The descriptors of a command. Offsets from the start of the unit; nil when they do not fit into it.
-- kind "out" or "in"; entries = { { va =, key =, length =, at = } ... } is what the unit itself holds.
local function descriptors(data, immediate_offset)
    local o = 48 + 4 * bits(u8(data, 31), 7, 2)
    local list = {}
    for _, side in ipairs({ { "out", bits(u8(data, 5), 7, 4), u8(data, 6) }, { "in", bits(u8(data, 5), 3, 0), u8(data, 7) } }) do
        local d = { kind = side[1], format = side[2], count = side[3], at = o, entries = {} }
        local function entry(at)
            d.entries[#d.entries + 1] = { at = at, va = hex(data, at, 8), key = u32(data, at + 8), length = u32(data, at + 12) }
        end
        if d.format == 1 then
            if #data < o + 16 then return nil end
            entry(o)
            d.total = d.entries[1].length
            o = o + 16
        elseif d.format == 2 then
            if #data < o + 20 + 16 * d.count then return nil end
            d.table_length, d.total = u32(data, o + 12), u32(data, o + 16)
            for i = 0, d.count - 1 do entry(o + 20 + 16 * i) end
            o = o + 20 + 16 * d.count
        elseif d.format == 3 then
            if #data < o + 4 then return nil end
            d.total, d.data_at = u32(data, o), immediate_offset
            o = o + 4
        elseif d.format ~= 0 then
            return nil
        end
        if d.format ~= 0 then list[#list + 1] = d end
    end
    return list
end

-- Strict, since wrong guesses hide data. Only units that carry a format worth checking are guessed.
function M.guess(data)
    local size = #data
    if size < 36 then return false end
    local op = u8(data, 0)
    if op == 0x02 then
        if size < 48 or not wire.is_zero(data, 2, 3) or not wire.is_zero(data, 16, 4) or u8(data, 28) ~= 0 or u8(data, 29) > 4 or u8(data, 30) ~= 0 then return false end
        return descriptors(data, 68) ~= nil
    elseif op == 0xC1 then
        return wire.is_zero(data, 2, 2) and wire.is_zero(data, 16, 2) and u8(data, 18) < 64 and size >= 36 + u32(data, 28) + u32(data, 32)
    end
    return false
end

function M.message(track, connection, data, record, frame, time)
    local op = #data > 0 and u8(data, 0)
    if not smallest[op] or #data < smallest[op] then return end
    record.summary = opcodes[op]
    local tag = hex(data, 8, 8)
    if op == 0x02 or op == 0x01 or op == 0x03 then
        if connection.credit then
            connection.credit = connection.credit - 1
            record.credit, record.overdrawn = connection.credit, connection.credit < 0
        end
    elseif (op == 0xC1 or op == 0x81 or op == 0x82) and connection.credit then
        local delta = u32(data, 4)
        if delta >= 2147483648 then delta = delta - 4294967296 end
        connection.credit = connection.credit + delta
        record.credit = connection.credit
    end
    if op == 0x02 then
        local offset = connection.login and connection.login.immediate_offset or 68
        local list = descriptors(data, offset)
        local total = 0
        for _, d in ipairs(list or {}) do total = total + d.total end
        local command = {
            frame = frame, time = time, tag = tag, expected = total,
            text = string.format("%s LUN %s", scsi.describe(data:sub(33, 48)), scsi.lun(data, 20)),
        }
        track.command(connection, command)
        for _, d in ipairs(list or {}) do
            for _, e in ipairs(d.entries) do track.buffer(connection, command, e.key, e.va, e.length) end
        end
        record.immediate_offset = offset
        record.summary = "SRP_CMD " .. command.text
    elseif op == 0x01 then
        local task = hex(data, 32, 8)
        local name = functions[u8(data, 30)] or string.format("function 0x%02x", u8(data, 30))
        if u8(data, 30) == 1 then record.about = connection.commands[task] end
        track.command(connection, { frame = frame, time = time, tag = tag, expected = 0, text = name })
        record.summary = "SRP_TSK_MGMT " .. name
    elseif op == 0xC1 then
        record.answer = track.answer(connection, tag, frame)
        record.orphan = not record.answer
        if u8(data, 18) % 2 == 1 and u32(data, 32) >= 4 and #data >= 40 then
            record.summary = "SRP_RSP " .. (response_codes[u8(data, 39)] or "response code " .. u8(data, 39))
        else
            record.summary = "SRP_RSP " .. scsi.status(u8(data, 19))
        end
    end
end

local function show_descriptors(tvb, sub, data, offset)
    local list = descriptors(data, offset)
    if not list then
        sub:add_proto_expert_info(M.experts.short)
        return
    end
    for _, d in ipairs(list) do
        local what = string.format("Data-%s %s descriptor, %d bytes", d.kind, formats[d.format], d.total)
        if d.format == 3 then
            local t = sub:add(tvb(d.at, 4), what)
            t:add(f.immediate_length, tvb(d.at, 4))
            if tvb:len() < d.data_at + d.total then
                t:add_proto_expert_info(M.experts.short)
            elseif d.total > 0 then
                t:add(f.data, tvb(d.data_at, d.total))
            end
        else
            local t = sub:add(tvb(d.at, d.format == 1 and 16 or 20 + 16 * d.count), what)
            if d.format == 2 then
                local head = t:add(tvb(d.at, 16), string.format("Table descriptor, %d entries, %d in this unit", math.floor(d.table_length / 16), d.count))
                head:add(f.va, tvb(d.at, 8))
                head:add(f.key, tvb(d.at + 8, 4))
                head:add(f.length, tvb(d.at + 12, 4))
                t:add(f.total, tvb(d.at + 16, 4))
            end
            local sum = 0
            for i, e in ipairs(d.entries) do
                local part = d.format == 1 and t or t:add(tvb(e.at, 16), string.format("Entry %d", i - 1))
                part:add(f.va, tvb(e.at, 8))
                part:add(f.key, tvb(e.at + 8, 4))
                part:add(f.length, tvb(e.at + 12, 4))
                sum = sum + e.length
            end
            if d.format == 2 and d.count * 16 == d.table_length and sum ~= d.total then t:add_proto_expert_info(M.experts.sum) end
        end
    end
end

local function show_response(tvb, sub)
    sub:add(f.delta, tvb(4, 4))
    sub:add(f.tag, tvb(8, 8))
    local flags = sub:add(f.flags, tvb(18, 1))
    for _, bit in ipairs({ f.rspvalid, f.snsvalid, f.doover, f.dounder, f.diover, f.diunder }) do flags:add(bit, tvb(18, 1)) end
    local value = tvb(18, 1):uint()
    local status = tvb(19, 1):uint()
    sub:add(f.status, tvb(19, 1)):append_text(" (" .. scsi.status(status) .. ")")
    sub:add(f.out_residual, tvb(20, 4))
    sub:add(f.in_residual, tvb(24, 4))
    sub:add(f.sense_length, tvb(28, 4))
    sub:add(f.response_length, tvb(32, 4))
    local sense_length, response_length = tvb(28, 4):uint(), tvb(32, 4):uint()
    if value % 2 == 0 then response_length = 0 end
    if bits(value, 1, 1) == 0 then sense_length = 0 end
    if tvb:len() < 36 + response_length + sense_length then
        sub:add_proto_expert_info(M.experts.short)
        return
    end
    if response_length >= 4 then sub:add(f.response_code, tvb(39, 1)) end
    if sense_length > 0 then
        local at = 36 + response_length
        local item = sub:add(f.sense, tvb(at, sense_length))
        local code = tvb(at, 1):uint() % 128
        local place = (code == 0x70 or code == 0x71) and { 2, 12 } or (code == 0x72 or code == 0x73) and { 1, 2 } or nil
        if place and sense_length >= place[2] + 2 then
            local sense_key = tvb(at + place[1], 1):uint() % 16
            local text = string.format("%s, ASC/ASCQ 0x%04x", sense_keys[sense_key] or sense_key, tvb(at + place[2], 2):uint())
            item:append_text(" (" .. text .. ")")
            sub:add_proto_expert_info(M.experts.status, scsi.status(status) .. ": " .. text)
        end
    elseif value % 2 == 0 and status ~= 0 then
        sub:add_proto_expert_info(M.experts.status, scsi.status(status))
    end
end

function M.show(proto, tvb, pinfo, tree, record)
    if tvb:len() < 1 then return end
    local op = tvb(0, 1):uint()
    local least = smallest[op]
    if not least then return end
    local sub = tree:add(proto, tvb(), "SCSI RDMA Protocol, " .. opcodes[op])
    pinfo.cols.protocol = "SRP"
    pinfo.cols.info = record.summary or opcodes[op]
    sub:add(f.opcode, tvb(0, 1))
    if tvb:len() < least then
        sub:add_proto_expert_info(M.experts.short)
        return
    end
    if op ~= 0x03 and op ~= 0x41 and op ~= 0x42 then sub:add(f.solicit, tvb(1, 1)) end
    if op == 0x02 then
        sub:add(f.out_format, tvb(5, 1))
        sub:add(f.in_format, tvb(5, 1))
        sub:add(f.out_count, tvb(6, 1))
        sub:add(f.in_count, tvb(7, 1))
        sub:add(f.tag, tvb(8, 8))
        sub:add(f.lun, tvb(20, 8))
        sub:add(f.attribute, tvb(29, 1))
        sub:add(f.additional, tvb(31, 1))
        local length = 16
        local additional = 4 * tvb(31, 1):bitfield(0, 6)
        if tvb:len() >= 48 + additional then length = 16 + additional end
        local cdb = sub:add(f.cdb, tvb(32, length))
        cdb:append_text(" (" .. scsi.describe(tvb:raw(32, 16)) .. ")")
        cdb:add(f.opcode_scsi, tvb(32, 1))
        show_descriptors(tvb, sub, tvb:raw(), record.immediate_offset or 68)
    elseif op == 0xC1 then
        show_response(tvb, sub)
    elseif op == 0x01 then
        sub:add(f.tag, tvb(8, 8))
        sub:add(f.lun, tvb(20, 8))
        sub:add(f.task_function, tvb(30, 1))
        sub:add(f.task_tag, tvb(32, 8))
    else
        if op == 0x81 or op == 0x82 then sub:add(f.delta, tvb(4, 4)) end
        if op == 0x80 then sub:add(f.reason, tvb(4, 4)) end
        sub:add(f.tag, tvb(8, 8))
        if op == 0x82 then
            sub:add(f.lun, tvb(20, 8))
            sub:add(f.sense_length, tvb(28, 4))
            local size = tvb(28, 4):uint()
            if tvb:len() < 36 + size then
                sub:add_proto_expert_info(M.experts.short)
            elseif size > 0 then
                sub:add(f.sense, tvb(36, size))
            end
        end
    end
    if record.credit then sub:add(f.credit, record.credit):set_generated() end
    if record.overdrawn then sub:add_proto_expert_info(M.experts.credit) end
    if record.orphan then sub:add_proto_expert_info(M.experts.orphan) end
end

return M
