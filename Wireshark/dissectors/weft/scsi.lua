-- Command descriptor blocks in one line, to name a command next to the RDMA packets that carry its data.

local wire = require("weft.wire")
local u8, u16, u24, u32 = wire.u8, wire.u16, wire.u24, wire.u32

local M = {}

local names = {
    [0x00] = "TEST UNIT READY", [0x03] = "REQUEST SENSE", [0x08] = "READ(6)", [0x0A] = "WRITE(6)", [0x12] = "INQUIRY",
    [0x15] = "MODE SELECT(6)", [0x1A] = "MODE SENSE(6)", [0x1B] = "START STOP UNIT", [0x25] = "READ CAPACITY(10)",
    [0x28] = "READ(10)", [0x2A] = "WRITE(10)", [0x2E] = "WRITE AND VERIFY(10)", [0x2F] = "VERIFY(10)",
    [0x34] = "PRE-FETCH(10)", [0x35] = "SYNCHRONIZE CACHE(10)", [0x41] = "WRITE SAME(10)", [0x42] = "UNMAP",
    [0x4D] = "LOG SENSE", [0x55] = "MODE SELECT(10)", [0x5A] = "MODE SENSE(10)", [0x5E] = "PERSISTENT RESERVE IN",
    [0x5F] = "PERSISTENT RESERVE OUT", [0x83] = "EXTENDED COPY", [0x84] = "RECEIVE COPY RESULTS", [0x88] = "READ(16)",
    [0x89] = "COMPARE AND WRITE", [0x8A] = "WRITE(16)", [0x8E] = "WRITE AND VERIFY(16)", [0x8F] = "VERIFY(16)",
    [0x91] = "SYNCHRONIZE CACHE(16)", [0x93] = "WRITE SAME(16)", [0xA0] = "REPORT LUNS", [0xA8] = "READ(12)",
    [0xAA] = "WRITE(12)", [0xAF] = "VERIFY(12)",
}
local with_blocks = { -- operation code: where the LBA is, its reader, where the count is, its reader
    [0x28] = { 2, u32, 7, u16 }, [0x2A] = { 2, u32, 7, u16 }, [0x2E] = { 2, u32, 7, u16 }, [0x2F] = { 2, u32, 7, u16 },
    [0x35] = { 2, u32, 7, u16 }, [0x41] = { 2, u32, 7, u16 }, [0xA8] = { 2, u32, 6, u32 }, [0xAA] = { 2, u32, 6, u32 },
    [0xAF] = { 2, u32, 6, u32 }, [0x88] = { 6, u32, 10, u32 }, [0x8A] = { 6, u32, 10, u32 }, [0x8E] = { 6, u32, 10, u32 },
    [0x8F] = { 6, u32, 10, u32 }, [0x91] = { 6, u32, 10, u32 }, [0x93] = { 6, u32, 10, u32 }, [0x89] = { 6, u32, 13, u8 },
}
local status = {
    [0x00] = "GOOD", [0x02] = "CHECK CONDITION", [0x04] = "CONDITION MET", [0x08] = "BUSY", [0x18] = "RESERVATION CONFLICT",
    [0x28] = "TASK SET FULL", [0x30] = "ACA ACTIVE", [0x40] = "TASK ABORTED",
}

-- cdb: at least 16 bytes.
function M.describe(cdb)
    local op = u8(cdb, 0)
    local name = names[op]
    if op == 0x9E and u8(cdb, 1) % 32 == 0x10 then name = "READ CAPACITY(16)" end
    if op == 0xA3 and u8(cdb, 1) % 32 == 0x0C then name = "REPORT SUPPORTED OPERATION CODES" end
    name = name or string.format("SCSI 0x%02x", op)
    local place = with_blocks[op]
    if place then
        -- Of a 16-byte command only the low half of the LBA is printed when the high half is zero.
        local high = place[1] == 6 and not wire.is_zero(cdb, 2, 4) and wire.hex(cdb, 2, 4) or ""
        return string.format("%s LBA 0x%s%08x, %d blocks", name, high, place[2](cdb, place[1]), place[4](cdb, place[3]))
    elseif op == 0x08 or op == 0x0A then
        local count = u8(cdb, 4)
        return string.format("%s LBA 0x%06x, %d blocks", name, u24(cdb, 1) % 2097152, count == 0 and 256 or count)
    elseif op == 0x12 and u8(cdb, 1) % 2 == 1 then
        return string.format("INQUIRY VPD 0x%02x", u8(cdb, 2))
    end
    return name
end

function M.status(value)
    return status[value] or string.format("status 0x%02x", value)
end

-- Eight LUN bytes as a number where the addressing is plain, as hexadecimal digits otherwise.
function M.lun(s, o)
    local method = math.floor(u8(s, o) / 64)
    if wire.is_zero(s, o + 2, 6) and (method == 1 or (method == 0 and u8(s, o) == 0)) then
        return tostring(u16(s, o) % 16384)
    end
    return "0x" .. wire.hex(s, o, 8)
end

return M
