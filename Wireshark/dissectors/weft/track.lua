-- What is known of the connections in a capture: who talks to whom, packet sequence numbers, messages put together from
-- several packets, and which RDMA packets use the memory that a command advertised.
--
-- A flow is one direction of a connection: what arrives at one queue pair (address and QPN). Packets are fed in capture
-- order, once each; what a packet meant is kept in its record, so that showing it again later needs no state.

local wire = require("weft.wire")

local M = {}

local LARGEST_MESSAGE = 16 * 1024 * 1024 -- bytes of one SEND that are kept
local LONGEST_GAP = 64                   -- packets behind a hole before the hole is taken for a loss of the capture
local REMEMBERED = 512                   -- READ requests kept for a flow
local BUFFERS = 256                      -- buffers kept for one key

function M.new()
    return { connections = {}, flows = {}, pending = {}, pairs = {} }
end

local function key(address, qpn)
    return address .. "#" .. qpn
end

local function new_connection(state, fields)
    fields.id = #state.connections
    fields.tags, fields.commands, fields.flows = {}, {}, {}
    state.connections[fields.id + 1] = fields
    return fields
end

local function new_flow(state, connection, to, qpn, next_psn, towards_target)
    local flow = { connection = connection, to = to, qpn = qpn, next = next_psn, towards_target = towards_target, reads = {}, behind = 0 }
    connection.flows[#connection.flows + 1] = flow
    state.flows[key(to, qpn)] = flow
    return flow
end

function M.find(state, to, qpn)
    return state.flows[key(to, qpn)]
end

-- The flow of a connection whose set-up is not in the capture. All such flows of two hosts share one connection:
-- R_Keys are unique within a host, so commands and RDMA still find each other.
function M.find_or_guess(state, from, to, qpn)
    local flow = M.find(state, to, qpn)
    if flow then return flow end
    local hosts = from < to and from .. "|" .. to or to .. "|" .. from
    local connection = state.pairs[hosts]
    if not connection then
        connection = new_connection(state, { guessed = true })
        state.pairs[hosts] = connection
    end
    return new_flow(state, connection, to, qpn, nil, nil)
end

-- Feeds one CM message. Returns the connection it belongs to, if known.
function M.communication(state, m, from, to, frame, classify)
    local connection
    if m.name == "REQ" then
        local id = key(from, m.local_id)
        connection = state.pending[id]
        if not connection or connection.qpn ~= m.qpn or connection.service ~= m.service then
            connection = new_connection(state, {
                initiator = from, target = to, qpn = m.qpn, service = m.service, port = m.port, mtu = m.mtu,
                psn_to_initiator = m.psn, request = frame,
            })
            connection.ulp, connection.login = classify(m)
            state.pending[id] = connection
        end
    elseif m.name == "REP" then
        connection = state.pending[key(to, m.remote_id)]
        if connection and connection.peer_qpn ~= m.qpn then
            connection.peer_qpn, connection.peer_id, connection.reply = m.qpn, m.local_id, frame
            state.pending[key(from, m.local_id)] = connection
            new_flow(state, connection, connection.target, m.qpn, m.psn, true)
            new_flow(state, connection, connection.initiator, connection.qpn, connection.psn_to_initiator, false)
        end
    elseif m.local_id then
        connection = (m.remote_id and m.remote_id ~= 0 and state.pending[key(to, m.remote_id)]) or state.pending[key(from, m.local_id)]
    end
    return connection
end

local function packets_of(length, mtu)
    return math.max(1, math.ceil(length / mtu))
end

-- How many sequence numbers a request takes; nil when it cannot be known.
local function consumption(flow, p)
    if p.class ~= "read" then return 1 end
    local mtu = flow.connection.mtu or flow.mtu
    if not mtu then return p.length <= 256 and 1 or nil end
    return packets_of(p.length, mtu)
end

-- The other directions of a flow's connection.
local function opposite(flow)
    local list = {}
    for _, f in ipairs(flow.connection.flows) do
        if f ~= flow and f.to ~= flow.to then list[#list + 1] = f end
    end
    return list
end

-- Is this request new, seen before, or beyond a hole? Sets record.again or record.expected; returns true when it is new.
local function in_order(flow, p, record)
    local count = consumption(flow, p)
    local distance = flow.next and wire.psn_distance(p.psn, flow.next) or 0
    if distance > 0 then
        record.expected = flow.next
        flow.behind = flow.behind + 1
        if p.transport == 0 and flow.behind <= LONGEST_GAP then return false end
        flow.message = nil
    elseif distance < 0 then
        record.again = true
        return false
    end
    flow.behind = 0
    flow.next = count and (p.psn + count) % 16777216 or nil
    return true
end

local function remember_read(flow, p, record, frame)
    local read = { psn = p.psn, frame = frame, key = p.key, va = p.va, length = p.length, command = record.command, bytes = 0 }
    local mtu = flow.connection.mtu or flow.mtu
    read.count = mtu and packets_of(p.length, mtu)
    local reads = flow.reads
    reads[#reads + 1] = read
    if #reads > REMEMBERED then table.remove(reads, 1) end
    record.read = read
end

-- The READ request that a response with this sequence number answers.
local function find_read(flow, psn)
    for _, f in ipairs(opposite(flow)) do
        for i = #f.reads, 1, -1 do
            local read = f.reads[i]
            local d = wire.psn_distance(psn, read.psn)
            if d >= 0 and (not read.count or d < read.count) then return read, d end
        end
    end
end

-- Adds a SEND packet to the message under way. record.message is shared by all packets of one message.
local function assemble(flow, p, record, frame, payload)
    if p.place == "only" then
        record.whole = payload
        return
    end
    if p.place == "first" then
        flow.message = { parts = {}, frames = {}, sizes = {}, length = 0, first = frame }
        flow.mtu = flow.mtu or p.size
    end
    local message = flow.message
    if not message then
        record.headless = true
        return
    end
    message.frames[#message.frames + 1] = frame
    message.sizes[#message.sizes + 1] = #payload
    message.parts[#message.parts + 1] = payload
    message.length = message.length + #payload
    record.message = message
    if message.length > LARGEST_MESSAGE then
        message.parts = {}
        flow.message = nil
    elseif p.place == "last" then
        message.data = table.concat(message.parts)
        message.parts = nil
        message.last = frame
        flow.message = nil
        record.whole = message.data
    end
end

-- The low 52 bits of an address: enough to tell buffers apart, and exact in a Lua number.
local function position(va)
    return tonumber(va:sub(4), 16)
end

-- Names the command whose memory an RDMA request uses. One key may stand for many buffers (a global R_Key), so the
-- address decides first; a command that was answered already matches last.
local function match_key(flow, p, record)
    if p.length == 0 then return end
    local connection = flow.connection
    local at = position(p.va)
    local best, rank = nil, 0
    for _, buffer in ipairs(connection.tags[p.key] or {}) do
        local inside = at >= buffer.start and at + p.length <= buffer.stop
        local r = (buffer.command.answered and 0 or 2) + (inside and 2 or 1)
        if r >= rank then best, rank = buffer, r end
    end
    if best then
        record.command = best.command
        if best.command.answered then record.late = best.command.answered end
    elseif connection.knows_tags and flow.towards_target == false then
        record.unknown_key = true
    end
end

-- Feeds one data packet. payload: its bytes without padding. Fills record:
--   flow, again (sent before), expected (a hole: this number should have come), message, whole (a complete message),
--   headless (First packet missing), read, command, late (frame that answered the command before), unknown_key.
function M.packet(state, flow, p, record, frame, payload)
    record.flow = flow
    if p.class == "ack" or p.class == "response" then
        -- What is acknowledged did arrive, whether or not the capture holds it.
        if p.transport == 0 and p.syndrome and p.syndrome < 32 then
            for _, f in ipairs(opposite(flow)) do
                if not flow.connection.guessed and f.next and wire.psn_distance(p.psn, f.next) >= 0 then
                    f.next, f.message, f.behind = (p.psn + 1) % 16777216, nil, 0
                end
            end
        end
        if p.class == "response" then
            local read, index = find_read(flow, p.psn)
            if read then
                record.read, record.command = read, read.command
                if p.place == "first" and not flow.mtu then flow.mtu = p.size end
                local got = read.got or {}
                read.got = got
                if got[index] then
                    record.again = true
                else
                    got[index] = true
                    read.bytes = read.bytes + p.size
                    if read.command then read.command.read_bytes = read.command.read_bytes + p.size end
                end
            end
        end
        return
    end

    local new = in_order(flow, p, record)
    if p.class == "send" then
        if new then assemble(flow, p, record, frame, payload) end
    elseif p.class == "write" then
        if p.key then
            match_key(flow, p, record)
            flow.write = record.command
        else
            record.command = flow.write
        end
        if new and record.command then record.command.write_bytes = record.command.write_bytes + p.size end
    elseif p.class == "read" then
        match_key(flow, p, record)
        remember_read(flow, p, record, frame)
    end
end

-- For protocols on top: a command that lets the peer use memory. Fields of command that a protocol sets: frame, time,
-- text, tag (what the response repeats). This module adds read_bytes and write_bytes; answered is set by M.answer.
function M.command(connection, command)
    command.read_bytes, command.write_bytes = 0, 0
    connection.commands[command.tag] = command
    connection.knows_tags = not connection.guessed
end

-- A buffer that the command advertised.
function M.buffer(connection, command, key, va, length)
    local start = position(va)
    local list = connection.tags[key] or {}
    connection.tags[key] = list
    list[#list + 1] = { start = start, stop = start + length, command = command }
    if #list > BUFFERS then
        local oldest = 1
        for i = 1, #list do
            if list[i].command.answered then oldest = i break end
        end
        table.remove(list, oldest)
    end
end

function M.answer(connection, tag, frame)
    local command = connection.commands[tag]
    if not command then return nil end
    connection.commands[tag] = nil
    command.answered = frame
    return { command = command, read_bytes = command.read_bytes, write_bytes = command.write_bytes }
end

return M
