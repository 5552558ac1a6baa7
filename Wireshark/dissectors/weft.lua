-- RDMA storage in Wireshark: what the stock InfiniBand dissector leaves out. README.md beside this folder says what that is.
--
-- How it hangs together. The stock dissector is wrapped where packets of RoCEv2 (UDP 4791), RoCEv1 and InfiniBand reach it,
-- which gives the base transport header of the packet; it then runs as always. A heuristic keeps it from guessing at
-- payloads that are known to be something else. A post-dissector, which sees the whole frame, checks the invariant CRC,
-- feeds the packet to the connection state (once, in capture order) and shows what it means.

if rawget(_G, "weft_loaded") then return end
rawset(_G, "weft_loaded", true)

local directory = debug.getinfo(1, "S").source:match("^@(.*)[/\\][^/\\]*$") or "."
package.path = directory .. "/?.lua;" .. package.path

-- "weft.wire" is weft/wire.lua beside this file.
local function load_module(name)
    return require("weft." .. name)
end

local wire, bth, icrc, cm, track = load_module("wire"), load_module("bth"), load_module("icrc"), load_module("cm"), load_module("track")

-- Protocols on top of a connection. Another one is a module with the functions of iser.lua or srp.lua, named here.
local protocols = { load_module("iser"), load_module("srp") }

local weft = Proto("weft", "RDMA connection (Weft)")

weft.prefs.icrc = Pref.bool("Check the invariant CRC", true, "Compute the ICRC of each packet whose network header is known")
weft.prefs.guess = Pref.bool("Guess iSER and SRP by content", true, "For connections whose set-up is not in the capture")
weft.prefs.iser_ports = Pref.range("iSER ports", "3260", "Ports of the RDMA CM that mean iSER", 65535)

local f = {
    connection = ProtoField.uint32("weft.conn", "Connection", base.DEC),
    protocol = ProtoField.string("weft.conn.protocol", "Protocol"),
    operation = ProtoField.string("weft.op", "Operation"),
    icrc = ProtoField.uint8("weft.icrc.status", "Invariant CRC status", base.DEC, { [0] = "Bad", [1] = "Good" }),
    again = ProtoField.bool("weft.retransmission", "Sent before"),
    expected = ProtoField.uint32("weft.expected_psn", "Expected PSN", base.DEC),
    nak = ProtoField.string("weft.nak", "Negative acknowledgement"),
    size = ProtoField.uint32("weft.payload", "RDMA payload bytes", base.DEC),
    message_first = ProtoField.framenum("weft.msg.first", "Message starts in frame", base.NONE),
    message_last = ProtoField.framenum("weft.msg.last", "Message is whole in frame", base.NONE),
    message_length = ProtoField.uint32("weft.msg.length", "Message length", base.DEC),
    message_packets = ProtoField.uint32("weft.msg.packets", "Packets of the message", base.DEC),
    fragment = ProtoField.framenum("weft.msg.fragment", "Part", base.NONE),
    request = ProtoField.framenum("weft.read.request", "RDMA READ request in frame", base.NONE, frametype and frametype.REQUEST or nil),
    command = ProtoField.framenum("weft.cmd.frame", "Command in frame", base.NONE, frametype and frametype.REQUEST or nil),
    command_text = ProtoField.string("weft.cmd", "Command"),
    command_time = ProtoField.double("weft.cmd.time", "Time since the command (s)"),
    read_bytes = ProtoField.uint32("weft.cmd.rdma_read", "Bytes moved by RDMA READ", base.DEC),
    write_bytes = ProtoField.uint32("weft.cmd.rdma_write", "Bytes moved by RDMA WRITE", base.DEC),
    about = ProtoField.framenum("weft.cmd.about", "About the command in frame", base.NONE),
    cm_message = ProtoField.string("weft.cm.msg", "Message"),
    cm_service = ProtoField.string("weft.cm.service", "Service ID"),
    cm_port = ProtoField.uint16("weft.cm.port", "RDMA CM port", base.DEC),
    cm_qpn = ProtoField.uint24("weft.cm.qpn", "QPN", base.HEX),
    cm_reason = ProtoField.uint16("weft.cm.reason", "Reject reason", base.DEC, cm.reasons),
    cm_answers = ProtoField.string("weft.cm.answers", "Answers"),
    cm_timeout = ProtoField.uint8("weft.cm.timeout", "Service timeout (4.096 us x 2^n)", base.DEC),
    cm_status = ProtoField.uint8("weft.cm.sidr_status", "SIDR status", base.DEC, cm.sidr_status),
    cm_qkey = ProtoField.uint32("weft.cm.qkey", "Q_Key", base.HEX),
    cm_request_id = ProtoField.uint32("weft.cm.request_id", "Request ID", base.HEX),
    cm_local_id = ProtoField.uint32("weft.cm.local_id", "Local communication ID", base.HEX),
    cm_remote_id = ProtoField.uint32("weft.cm.remote_id", "Remote communication ID", base.HEX),
    ip_version = ProtoField.uint8("weft.cm.ip.version", "IP version", base.DEC, nil, 0xF0),
    ip_source_port = ProtoField.uint16("weft.cm.ip.sport", "Source port", base.DEC),
    ip_source = ProtoField.string("weft.cm.ip.src", "Source address"),
    ip_destination = ProtoField.string("weft.cm.ip.dst", "Destination address"),
}
local e = {
    icrc = ProtoExpert.new("weft.icrc.bad", "Invariant CRC is wrong: receivers drop this packet", expert.group.CHECKSUM, expert.severity.ERROR),
    again = ProtoExpert.new("weft.retransmission.expert", "Sent before", expert.group.SEQUENCE, expert.severity.NOTE),
    gap = ProtoExpert.new("weft.gap", "Packets before this one are missing", expert.group.SEQUENCE, expert.severity.WARN),
    headless = ProtoExpert.new("weft.headless", "The first packet of this message is not in the capture", expert.group.REASSEMBLE, expert.severity.NOTE),
    nak = ProtoExpert.new("weft.nak.expert", "Negative acknowledgement", expert.group.RESPONSE_CODE, expert.severity.WARN),
    reject = ProtoExpert.new("weft.cm.reject", "Connection rejected", expert.group.RESPONSE_CODE, expert.severity.WARN),
    late = ProtoExpert.new("weft.late", "Memory of a command that was answered already", expert.group.SEQUENCE, expert.severity.WARN),
    key = ProtoExpert.new("weft.unknown_key", "No command in the capture advertised this key", expert.group.SEQUENCE, expert.severity.NOTE),
}
local fields, experts = {}, {}
for _, field in pairs(f) do fields[#fields + 1] = field end
for _, x in pairs(e) do experts[#experts + 1] = x end
weft.fields, weft.experts = fields, experts

-- Each protocol is one of Wireshark's too, so that it can be found and switched off by name.
local protocol_items = {}
for _, p in ipairs(protocols) do
    local proto = Proto("weft_" .. p.name, p.label .. " (Weft)")
    proto.fields = p.fields
    local list = {}
    for _, x in pairs(p.experts) do list[#list + 1] = x end
    proto.experts = list
    protocol_items[p.name] = proto
end

local data_dissector = Dissector.get("data")
local iscsi_dissector = Dissector.get("iscsi")

local state, records          -- of the capture that is open
local current                 -- the packet that is being dissected

local function reset()
    state, records, current = track.new(), {}, nil
end
reset()

local function port_is_iser(port)
    -- The preference arrives as text such as "3260,5000-5010".
    for low, high in tostring(weft.prefs.iser_ports):gmatch("(%d+)%-?(%d*)") do
        if port >= tonumber(low) and port <= (tonumber(high) or tonumber(low)) then return true end
    end
    return false
end

local function classify(m)
    for _, p in ipairs(protocols) do
        local login = p.classify(m, m.port ~= nil and port_is_iser(m.port))
        if login then return p, login end
    end
end

local function guess(data)
    if not weft.prefs.guess then return nil end
    for _, p in ipairs(protocols) do
        if p.guess(data) then return p end
    end
end

-- Addresses as the connection state knows them: IP addresses, or LIDs and GIDs on InfiniBand.
local function addresses(packet, pinfo)
    if packet.from then return packet.from, packet.to end
    return tostring(pinfo.net_src), tostring(pinfo.net_dst)
end

-- The connection's protocol, as far as it was known when this packet came.
local function protocol_of(packet, payload)
    local flow = packet.flow
    if flow and flow.connection.ulp then return flow.connection.ulp end
    return guess(payload)
end

-- tvb: from the BTH (link "udp"), from the GRH ("eth"), or from the LRH to the VCRC ("ib").
local function begin(transport, pinfo, link)
    current = nil
    if transport:len() ~= transport:reported_len() or transport:len() < 16 then return end
    local packet = { number = pinfo.number, link = link, at = transport:offset(), size = transport:len() }
    local start = 0
    if link ~= "udp" then
        local trailer = 0
        if link == "ib" then
            if transport:len() < 26 then return end
            local lnh = transport(1, 1):bitfield(6, 2)
            if lnh < 2 then return end
            packet.lrh = transport:raw(0, 8)
            packet.from, packet.to = "lid " .. transport(6, 2):uint(), "lid " .. transport(2, 2):uint()
            start, trailer = 8, 2
            packet.global = lnh == 3
        else
            packet.global = true
        end
        if packet.global then
            if transport:len() < start + 40 + 16 then return end
            packet.grh = transport:raw(start, 40)
            if link ~= "ib" then packet.from, packet.to = wire.hex(packet.grh, 8, 16), wire.hex(packet.grh, 24, 16) end
            start = start + 40
        end
        -- The length of an InfiniBand packet is in its header; Ethernet may have padded a RoCEv1 frame.
        local length = packet.grh and wire.u16(packet.grh, 4) or transport:len() - start - trailer
        if start + length + trailer > transport:len() then return end
        packet.size = start + length
    end
    if packet.size - start < 16 then return end
    packet.bytes = transport:raw(start, packet.size - start)
    packet.at = packet.at + start
    packet.header = bth.parse(packet.bytes)
    if not packet.header then return end
    local record = records[packet.number]
    if record then
        packet.flow = record.flow
    else
        local _, to = addresses(packet, pinfo)
        packet.flow = track.find(state, to, packet.header.qpn)
    end
    current = packet
end

-- Wraps the stock dissector of one table entry. An error inside it is shown by itself and must not become one of ours.
local wraps = {}
local function wrap(table_name, pattern, link, name)
    local dissectors = DissectorTable.get(table_name)
    local stock = dissectors and dissectors:get_dissector(pattern)
    if not stock then return end
    local proto = Proto("weft_" .. name, "RDMA over " .. name .. " (Weft)")
    function proto.dissector(tvb, pinfo, tree)
        begin(tvb, pinfo, link)
        local ok, used = pcall(stock.call, stock, tvb, pinfo, tree)
        return ok and used or tvb:len()
    end
    wraps[#wraps + 1] = function() dissectors:set(pattern, proto) end
    dissectors:set(pattern, proto)
end
wrap("udp.port", 4791, "udp", "rocev2")
wrap("ethertype", 0x8915, "eth", "rocev1")
-- InfiniBand: Wireshark 4.0 has no pcap link type for it (247 is refused); it comes as ERF records or through DLT_USER.
wrap("wtap_encap", wtap and wtap.INFINIBAND or 150, "ib", "ib")
wrap("erf.types.type", 21, "ib", "erf")

function weft.init()
    reset()
    -- Preferences are applied after scripts are loaded and may have put the stock dissector back.
    for _, again in ipairs(wraps) do again() end
end

-- Runs before Wireshark's own heuristics. True means: this payload is not theirs to read.
weft:register_heuristic("infiniband.payload", function(tvb, pinfo, tree)
    local packet = current
    if not packet or packet.number ~= pinfo.number then return false end
    local p = packet.header
    if p.class ~= "send" then
        -- Data of RDMA READ and WRITE: blocks of a disk may look like anything.
        if tvb:len() == 0 then return false end
        data_dissector:call(tvb, pinfo, tree)
        return true
    elseif p.transport == bth.UD then
        return false
    end
    local payload = packet.bytes:sub(p.offset + 1, p.offset + p.size)
    local record = records[pinfo.number]
    packet.ulp = record and record.ulp
    if not record then packet.ulp = protocol_of(packet, payload) end
    if p.place ~= "only" then
        packet.claimed = packet.ulp ~= nil
        data_dissector:call(tvb, pinfo, tree)
        return true
    end
    if not packet.ulp or #payload == 0 then return false end
    packet.claimed = true
    if packet.ulp.stateless then
        packet.ulp.show(protocol_items[packet.ulp.name], tvb(0, #payload):tvb(), pinfo, tree, packet, iscsi_dissector)
        packet.shown = true
    end
    return true
end)

-- The network header in front of the transport is part of the ICRC. Nil when it cannot be found.
local function check_icrc(frame, packet)
    if not weft.prefs.icrc then return nil end
    if packet.link == "ib" then return icrc.verify_ib(packet.lrh, packet.grh, packet.bytes) end
    if packet.link == "eth" then return icrc.verify_ib(nil, packet.grh, packet.bytes) end
    local at = packet.at
    if at < 28 or frame:len() < at + packet.size then return nil end
    if frame:raw(at, packet.size) ~= packet.bytes then return nil end -- another data source, such as a reassembled datagram
    local udp = frame:raw(at - 8, 8)
    local v4 = frame:raw(at - 28, 20)
    if wire.u8(v4, 0) == 0x45 and wire.u8(v4, 9) == 17 and wire.u16(v4, 2) == 28 + packet.size then return icrc.verify_roce(v4, udp, packet.bytes) end
    if at < 48 then return nil end
    local v6 = frame:raw(at - 48, 40)
    if math.floor(wire.u8(v6, 0) / 16) == 6 and wire.u8(v6, 6) == 17 then return icrc.verify_roce(v6, udp, packet.bytes) end
    return nil
end

-- First visit of a packet: what it means is worked out and kept.
local function analyse(frame, packet, pinfo)
    local record = { good = check_icrc(frame, packet), ulp = packet.ulp }
    records[packet.number] = record
    if record.good == false then return record end -- receivers drop it, so it changes nothing
    local p = packet.header
    local from, to = addresses(packet, pinfo)
    if p.transport == bth.UD then
        if p.qpn == 1 and p.source_qpn == 1 and p.size == 256 then
            local m = cm.parse(packet.bytes:sub(p.offset + 1, p.offset + 256))
            if m then
                record.communication = m
                local connection = track.communication(state, m, from, to, packet.number, classify)
                record.connection = connection
                if connection and m.name == "REP" and connection.ulp and connection.ulp.reply and connection.reply == packet.number then
                    connection.ulp.reply(connection, m)
                end
            end
        end
        return record
    end
    local flow = packet.flow or track.find_or_guess(state, from, to, p.qpn)
    local payload = p.size > 0 and packet.bytes:sub(p.offset + 1, p.offset + p.size) or ""
    track.packet(state, flow, p, record, packet.number, payload)
    if record.whole then
        local ulp = flow.connection.ulp or packet.ulp or guess(record.whole)
        if ulp then
            if not flow.connection.ulp and flow.connection.guessed then flow.connection.ulp = ulp end
            record.ulp = ulp
            ulp.message(track, flow.connection, record.whole, record, packet.number, pinfo.rel_ts)
        end
        record.whole = nil -- several packets: kept in record.message; one packet: it is in the frame
    end
    return record
end

local nak_codes = {
    [0x60] = "PSN sequence error", [0x61] = "invalid request", [0x62] = "remote access error", [0x63] = "remote operational error",
    [0x64] = "invalid RD request",
}

local function operation(p)
    local names = { send = "SEND", write = "RDMA WRITE", read = "RDMA READ Request", response = "READ Response", ack = "ACK", atomic = "Atomic" }
    local text = names[p.class]
    if p.class == "ack" and p.syndrome >= 32 then text = p.syndrome < 64 and "RNR NAK" or "NAK" end
    if p.class == "send" or p.class == "write" or p.class == "response" then text = text .. " " .. p.place:sub(1, 1):upper() .. p.place:sub(2) end
    if p.invalidate then text = text .. " Invalidate" end
    return (p.transport == bth.UD and "UD " or p.transport == bth.UC and "UC " or "") .. text
end

local function show_communication(frame, packet, record, tree, pinfo)
    local m = record.communication
    local at = packet.at + packet.header.offset
    local sub = tree:add(weft, frame(at, 256), "RDMA communication management, " .. m.name)
    local info = {}
    sub:add(f.operation, operation(packet.header)):set_generated()
    sub:add(f.cm_message, m.name):set_generated()
    if record.good ~= nil then sub:add(f.icrc, record.good and 1 or 0):set_generated() end
    if m.service then
        sub:add(f.cm_service, "0x" .. m.service):set_generated()
        if m.port then
            sub:add(f.cm_port, m.port):set_generated()
            info[#info + 1] = "port " .. m.port
        end
    end
    if m.request_id then sub:add(f.cm_request_id, frame(at + 24, 4)) end
    -- The stock dissector shows these of the messages that it knows.
    if m.name == "MRA" or m.name == "LAP" or m.name == "APR" then
        sub:add(f.cm_local_id, frame(at + 24, 4))
        sub:add(f.cm_remote_id, frame(at + 28, 4))
    end
    if m.qpn then
        sub:add(f.cm_qpn, m.qpn):set_generated()
        info[#info + 1] = string.format("QPN 0x%x", m.qpn)
    end
    if m.answers then
        sub:add(f.cm_answers, m.answers):set_generated()
        info[#info + 1] = "of " .. m.answers
    end
    if m.timeout then sub:add(f.cm_timeout, m.timeout):set_generated() end
    if m.status then
        sub:add(f.cm_status, frame(at + 28, 1))
        sub:add(f.cm_qkey, frame(at + 44, 4))
        info[#info + 1] = cm.sidr_status[m.status] or "status " .. m.status
    end
    if m.reason then
        sub:add(f.cm_reason, frame(at + 34, 2))
        local text = cm.reasons[m.reason] or "reason " .. m.reason
        info[#info + 1] = text
        sub:add_proto_expert_info(e.reject, "Connection rejected: " .. text)
    end
    if m.ip then
        local ip = sub:add(frame(at + m.ip.offset, 36), "RDMA CM header")
        ip:add(f.ip_version, frame(at + m.ip.offset + 1, 1))
        ip:add(f.ip_source_port, frame(at + m.ip.offset + 2, 2))
        ip:add(f.ip_source, frame(at + m.ip.offset + 4, 16), m.ip.source)
        ip:add(f.ip_destination, frame(at + m.ip.offset + 20, 16), m.ip.destination)
    end
    local connection = record.connection
    if connection then
        sub:add(f.connection, connection.id):set_generated()
        if connection.ulp then
            sub:add(f.protocol, connection.ulp.label):set_generated()
            local text = connection.ulp.show_private(m, frame(at + m.private_offset, m.private_length):tvb(), sub)
            if text then info[#info + 1] = text end
        end
    end
    if m.name == "MRA" or m.name == "LAP" or m.name == "APR" or m.request_id then pinfo.cols.info = "CM: " .. m.name end
    if #info > 0 then pinfo.cols.info:append(" (" .. table.concat(info, ", ") .. ")") end
end

local function show_message_parts(record, tree)
    local message = record.message
    local text = string.format("Message of %d packets, %d bytes", #message.frames, message.length)
    local sub = tree:add(weft, text)
    sub:set_generated()
    sub:add(f.message_first, message.first):set_generated()
    if message.last then sub:add(f.message_last, message.last):set_generated() end
    sub:add(f.message_packets, #message.frames):set_generated()
    sub:add(f.message_length, message.length):set_generated()
    for i, number in ipairs(message.frames) do
        sub:add(f.fragment, number):append_text(string.format(" (%d bytes)", message.sizes[i])):set_generated()
    end
end

-- Whether this payload-bearing packet, or the message that it completes, is ours to show above the transport.
local function show_payload(frame, packet, record, tree, pinfo)
    local p = packet.header
    if not record.ulp then return end
    local proto = protocol_items[record.ulp.name]
    if record.message then
        if p.place ~= "last" or not record.message.data then return end
        local tvb = ByteArray.new(record.message.data, true):tvb("Reassembled SEND")
        record.ulp.show(proto, tvb, pinfo, tree, record, iscsi_dissector)
    elseif packet.claimed and not packet.shown and p.place == "only" then
        record.ulp.show(proto, frame(packet.at + p.offset, p.size):tvb(), pinfo, tree, record, iscsi_dissector)
    end
end

local function show_packet(frame, packet, record, tree, pinfo)
    local p, flow = packet.header, record.flow
    local sub = tree:add(weft, "RDMA connection")
    sub:set_generated()
    sub:add(f.connection, flow.connection.id):set_generated()
    if flow.connection.ulp then sub:add(f.protocol, flow.connection.ulp.label):set_generated() end
    sub:add(f.operation, operation(p)):set_generated()
    if record.good ~= nil then sub:add(f.icrc, record.good and 1 or 0):set_generated() end
    if (p.class == "write" or p.class == "response" or p.class == "send") and p.size > 0 then sub:add(f.size, p.size):set_generated() end
    if record.again then
        sub:add(f.again, true):set_generated()
        sub:add_proto_expert_info(e.again)
        pinfo.cols.info:append(" [sent before]")
    end
    if record.expected then
        sub:add(f.expected, record.expected):set_generated()
        sub:add_proto_expert_info(e.gap, string.format("Packets before this one are missing: PSN %d should have come", record.expected))
        pinfo.cols.info:append(" [packets missing before this one]")
    end
    if record.headless then sub:add_proto_expert_info(e.headless) end
    if p.syndrome and p.syndrome >= 32 then
        local text = nak_codes[p.syndrome] or (p.syndrome < 64 and "receiver not ready, timer code " .. p.syndrome % 32) or string.format("syndrome 0x%02x", p.syndrome)
        sub:add(f.nak, text):set_generated()
        sub:add_proto_expert_info(e.nak, "Negative acknowledgement: " .. text)
        pinfo.cols.info:append(" [NAK: " .. text .. "]")
    end
    if record.message then show_message_parts(record, sub) end
    if record.read and record.read.frame ~= packet.number then sub:add(f.request, record.read.frame):set_generated() end
    local command = record.command
    if command then
        sub:add(f.command, command.frame):set_generated()
        sub:add(f.command_text, command.text):set_generated()
        pinfo.cols.info:append(string.format(" [%s, frame %d]", command.text, command.frame))
    end
    if record.late then sub:add_proto_expert_info(e.late, "Memory of a command that frame " .. record.late .. " answered already") end
    if record.unknown_key then sub:add_proto_expert_info(e.key) end
    if record.about then
        sub:add(f.about, record.about.frame):set_generated()
        sub:add(f.command_text, record.about.text):set_generated()
    end
    local answer = record.answer
    if answer then
        sub:add(f.command, answer.command.frame):set_generated()
        sub:add(f.command_text, answer.command.text):set_generated()
        sub:add(f.command_time, math.floor((pinfo.rel_ts - answer.command.time) * 1e6 + 0.5) / 1e6):set_generated()
        sub:add(f.read_bytes, answer.read_bytes):set_generated()
        sub:add(f.write_bytes, answer.write_bytes):set_generated()
    end
end

function weft.dissector(frame, pinfo, tree)
    local packet = current
    current = nil
    if not packet or packet.number ~= pinfo.number then return end
    local record = records[packet.number] or analyse(frame, packet, pinfo)
    if packet.at + #packet.bytes > frame:len() or frame:raw(packet.at, #packet.bytes) ~= packet.bytes then
        return -- decoded from another data source than the frame: nothing to point at
    end
    if record.good == false then
        local sub = tree:add(weft, "RDMA connection")
        sub:set_generated()
        sub:add(f.icrc, 0):set_generated()
        sub:add(f.operation, operation(packet.header)):set_generated()
        sub:add_proto_expert_info(e.icrc)
        pinfo.cols.info:append(" [ICRC wrong]")
    end
    if record.communication then
        show_communication(frame, packet, record, tree, pinfo)
    elseif record.flow then
        show_payload(frame, packet, record, tree, pinfo)
        show_packet(frame, packet, record, tree, pinfo)
    end
end
register_postdissector(weft)
