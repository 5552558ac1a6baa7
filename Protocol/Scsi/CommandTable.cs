using static Weft.Protocol.Scsi.CountUnit;
using static Weft.Protocol.Scsi.DataDirection;

namespace Weft.Protocol.Scsi;

/// <summary>The commands that this project knows by name. One row each; parsing, printing and validity masks all come from here.</summary>
public static class CommandTable
{
    private static readonly CdbField Lba6 = new(1, 3, 0x1F_FFFF), Lba32 = new(2, 4), Lba64 = new(2, 8);
    private static readonly CdbField At4 = new(4, 1), At3 = new(3, 2), At7 = new(7, 2), At6 = new(6, 4), At10 = new(10, 4), At13 = new(13, 1);
    private static readonly CdbField At5 = new(5, 4), At6Wide = new(6, 3), At12 = new(12, 2);

    /// <summary>Sorted by operation code, then service action. Usage: SPC-4 §6 and SBC-3 §5, control byte (no NACA) zero.</summary>
    public static readonly IReadOnlyList<CommandInfo> All =
    [
        Row(0x00, "TEST UNIT READY", DataDirection.None, default, default, CountUnit.None, "00 00 00 00 00 00"),
        Row(0x03, "REQUEST SENSE", In, default, At4, Allocation, "03 01 00 00 ff 00"),
        Row(0x04, "FORMAT UNIT", Out, default, default, CountUnit.None, "04 ff 00 00 00 00"),
        Row(0x07, "REASSIGN BLOCKS", Out, default, default, CountUnit.None, "07 03 00 00 00 00"),
        Row(0x08, "READ(6)", In, Lba6, At4, Blocks, "08 1f ff ff ff 00"),
        Row(0x0A, "WRITE(6)", Out, Lba6, At4, Blocks, "0a 1f ff ff ff 00"),
        Row(0x12, "INQUIRY", In, default, At3, Allocation, "12 01 ff ff ff 00"),
        Row(0x15, "MODE SELECT(6)", Out, default, At4, Parameters, "15 11 00 00 ff 00"),
        Row(0x16, "RESERVE(6)", DataDirection.None, default, default, CountUnit.None, "16 00 00 00 00 00"),
        Row(0x17, "RELEASE(6)", DataDirection.None, default, default, CountUnit.None, "17 00 00 00 00 00"),
        Row(0x1A, "MODE SENSE(6)", In, default, At4, Allocation, "1a 08 ff ff ff 00"),
        Row(0x1B, "START STOP UNIT", DataDirection.None, default, default, CountUnit.None, "1b 01 00 0f f7 00"),
        Row(0x1E, "PREVENT ALLOW MEDIUM REMOVAL", DataDirection.None, default, default, CountUnit.None, "1e 00 00 00 03 00"),
        Row(0x25, "READ CAPACITY(10)", In, Lba32, default, CountUnit.None, "25 00 ff ff ff ff 00 00 01 00"),
        Row(0x28, "READ(10)", In, Lba32, At7, Blocks, "28 fa ff ff ff ff 1f ff ff 00"),
        Row(0x2A, "WRITE(10)", Out, Lba32, At7, Blocks, "2a fa ff ff ff ff 1f ff ff 00"),
        Row(0x2E, "WRITE AND VERIFY(10)", Out, Lba32, At7, Blocks, "2e f6 ff ff ff ff 1f ff ff 00"),
        Row(0x2F, "VERIFY(10)", Out, Lba32, At7, Blocks, "2f f6 ff ff ff ff 1f ff ff 00"),
        Row(0x34, "PRE-FETCH(10)", DataDirection.None, Lba32, At7, Blocks, "34 02 ff ff ff ff 1f ff ff 00"),
        Row(0x35, "SYNCHRONIZE CACHE(10)", DataDirection.None, Lba32, At7, Blocks, "35 06 ff ff ff ff 1f ff ff 00"),
        Row(0x37, "READ DEFECT DATA(10)", In, default, At7, Allocation, "37 00 1f 00 00 00 00 ff ff 00"),
        Row(0x3C, "READ BUFFER", In, default, At6Wide, Allocation, "3c 1f ff ff ff ff ff ff ff 00"),
        Row(0x41, "WRITE SAME(10)", Out, Lba32, At7, Blocks, "41 f8 ff ff ff ff 1f ff ff 00"),
        Row(0x42, "UNMAP", Out, default, At7, Parameters, "42 01 00 00 00 00 1f ff ff 00"),
        Row(0x48, "SANITIZE", Out, default, At7, Parameters, "48 ff 00 00 00 00 00 ff ff 00"),
        Row(0x4D, "LOG SENSE", In, default, At7, Allocation, "4d 01 ff ff 00 ff ff ff ff 00"),
        Row(0x55, "MODE SELECT(10)", Out, default, At7, Parameters, "55 11 00 00 00 00 00 ff ff 00"),
        Row(0x56, "RESERVE(10)", DataDirection.None, default, default, CountUnit.None, "56 00 00 00 00 00 00 00 00 00"),
        Row(0x57, "RELEASE(10)", DataDirection.None, default, default, CountUnit.None, "57 00 00 00 00 00 00 00 00 00"),
        Row(0x5A, "MODE SENSE(10)", In, default, At7, Allocation, "5a 18 ff ff 00 00 00 ff ff 00"),
        Row(0x5E, 0x00, "PERSISTENT RESERVE IN (READ KEYS)", In, default, At7, Allocation, "5e 1f 00 00 00 00 00 ff ff 00"),
        Row(0x5E, 0x01, "PERSISTENT RESERVE IN (READ RESERVATION)", In, default, At7, Allocation, "5e 1f 00 00 00 00 00 ff ff 00"),
        Row(0x5E, 0x02, "PERSISTENT RESERVE IN (REPORT CAPABILITIES)", In, default, At7, Allocation, "5e 1f 00 00 00 00 00 ff ff 00"),
        Row(0x5E, 0x03, "PERSISTENT RESERVE IN (READ FULL STATUS)", In, default, At7, Allocation, "5e 1f 00 00 00 00 00 ff ff 00"),
        Row(0x5F, 0x00, "PERSISTENT RESERVE OUT (REGISTER)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x01, "PERSISTENT RESERVE OUT (RESERVE)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x02, "PERSISTENT RESERVE OUT (RELEASE)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x03, "PERSISTENT RESERVE OUT (CLEAR)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x04, "PERSISTENT RESERVE OUT (PREEMPT)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x05, "PERSISTENT RESERVE OUT (PREEMPT AND ABORT)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x06, "PERSISTENT RESERVE OUT (REGISTER AND IGNORE EXISTING KEY)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x5F, 0x07, "PERSISTENT RESERVE OUT (REGISTER AND MOVE)", Out, default, At5, Parameters, "5f 1f ff 00 00 ff ff ff ff 00"),
        Row(0x83, "EXTENDED COPY", Out, default, At10, Parameters, "83 1f 00 00 00 00 00 00 00 00 ff ff ff ff 00 00"),
        Row(0x84, "RECEIVE COPY RESULTS", In, default, At10, Allocation, "84 1f ff 00 00 00 00 00 00 00 ff ff ff ff 00 00"),
        Row(0x88, "READ(16)", In, Lba64, At10, Blocks, "88 fa ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x89, "COMPARE AND WRITE", Out, Lba64, At13, Blocks, "89 fa ff ff ff ff ff ff ff ff 00 00 00 ff 1f 00"),
        Row(0x8A, "WRITE(16)", Out, Lba64, At10, Blocks, "8a fa ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x8B, "ORWRITE(16)", Out, Lba64, At10, Blocks, "8b fa ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x8E, "WRITE AND VERIFY(16)", Out, Lba64, At10, Blocks, "8e f6 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x8F, "VERIFY(16)", Out, Lba64, At10, Blocks, "8f f6 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x90, "PRE-FETCH(16)", DataDirection.None, Lba64, At10, Blocks, "90 02 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x91, "SYNCHRONIZE CACHE(16)", DataDirection.None, Lba64, At10, Blocks, "91 06 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x93, "WRITE SAME(16)", Out, Lba64, At10, Blocks, "93 f9 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x9C, "WRITE ATOMIC(16)", Out, Lba64, At12, Blocks, "9c f8 ff ff ff ff ff ff ff ff ff ff ff ff 1f 00"),
        Row(0x9E, 0x10, "READ CAPACITY(16)", In, Lba64, At10, Allocation, "9e 1f ff ff ff ff ff ff ff ff ff ff ff ff 01 00"),
        Row(0x9E, 0x12, "GET LBA STATUS", In, Lba64, At10, Allocation, "9e 1f ff ff ff ff ff ff ff ff ff ff ff ff 00 00"),
        Row(0xA0, "REPORT LUNS", In, default, At6, Allocation, "a0 00 ff 00 00 00 ff ff ff ff 00 00"),
        Row(0xA3, 0x0A, "REPORT TARGET PORT GROUPS", In, default, At6, Allocation, "a3 ff 00 00 00 00 ff ff ff ff 00 00"),
        Row(0xA3, 0x0C, "REPORT SUPPORTED OPERATION CODES", In, default, At6, Allocation, "a3 1f 87 ff ff ff ff ff ff ff 00 00"),
        Row(0xA3, 0x0D, "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", In, default, At6, Allocation, "a3 1f 80 00 00 00 ff ff ff ff 00 00"),
        Row(0xA4, 0x0A, "SET TARGET PORT GROUPS", Out, default, At6, Parameters, "a4 1f 00 00 00 00 ff ff ff ff 00 00"),
        Row(0xA8, "READ(12)", In, Lba32, At6, Blocks, "a8 fa ff ff ff ff ff ff ff ff 1f 00"),
        Row(0xAA, "WRITE(12)", Out, Lba32, At6, Blocks, "aa fa ff ff ff ff ff ff ff ff 1f 00"),
        Row(0xAE, "WRITE AND VERIFY(12)", Out, Lba32, At6, Blocks, "ae f6 ff ff ff ff ff ff ff ff 1f 00"),
        Row(0xAF, "VERIFY(12)", Out, Lba32, At6, Blocks, "af f6 ff ff ff ff ff ff ff ff 1f 00"),
        Row(0xB7, "READ DEFECT DATA(12)", In, default, At6, Allocation, "b7 1f ff ff ff ff ff ff ff ff 00 00"),
    ];

    private static readonly CommandInfo?[] First = FirstByOpcode();

    /// <summary>The command with this operation code and service action, or null.</summary>
    public static CommandInfo? Find(ScsiOpcode opcode, int action)
    {
        var info = First[(byte)opcode];
        if (info is null || !info.HasAction || info.Action == action) return info;
        foreach (var candidate in All) // only the few operation codes with service actions come here
            if (candidate.Opcode == opcode && candidate.Action == action) return candidate;
        return null;
    }

    /// <summary>Whether the operation code is divided by service actions.</summary>
    public static bool HasActions(ScsiOpcode opcode) => First[(byte)opcode] is { HasAction: true };

    private static CommandInfo?[] FirstByOpcode()
    {
        var first = new CommandInfo?[256];
        foreach (var info in All) first[(byte)info.Opcode] ??= info;
        return first;
    }

    private static CommandInfo Row(byte opcode, string name, DataDirection direction, CdbField lba, CdbField count, CountUnit unit, string usage) =>
        Row(opcode, -1, name, direction, lba, count, unit, usage);

    private static CommandInfo Row(
        byte opcode, int action, string name, DataDirection direction, CdbField lba, CdbField count, CountUnit unit, string usage)
    {
        var mask = Convert.FromHexString(usage.Replace(" ", "", StringComparison.Ordinal));
        if (action >= 0) mask[1] = (byte)(mask[1] & 0xE0 | action); // SPC-4 §6.27.3: the action stands there as itself
        return new((ScsiOpcode)opcode, action, name, mask.Length, direction, lba, count, unit, mask);
    }
}
