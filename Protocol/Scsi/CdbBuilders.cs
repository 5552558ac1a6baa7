using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

public readonly partial record struct Cdb
{
    public static Cdb TestUnitReady() => Make(ScsiOpcode.TestUnitReady);
    public static Cdb RequestSense(byte allocation = 252, bool descriptor = false) =>
        Make(ScsiOpcode.RequestSense, descriptor ? 1 : 0, count: allocation);
    public static Cdb Inquiry(ushort allocation = 96) => Make(ScsiOpcode.Inquiry, count: allocation);
    public static Cdb InquiryVpd(byte page, ushort allocation = 252) => Make(ScsiOpcode.Inquiry, 1, count: allocation).With(2, page);

    /// <param name="control">0 current, 1 changeable, 2 default, 3 saved.</param>
    public static Cdb ModeSense6(byte page, byte subpage = 0, byte allocation = 252, int control = 0, bool noDescriptors = false) =>
        Make(ScsiOpcode.ModeSense6, noDescriptors ? 8 : 0, count: allocation).With(2, (byte)(control << 6 | page & 0x3F)).With(3, subpage);
    /// <inheritdoc cref="ModeSense6"/>
    public static Cdb ModeSense10(
        byte page, byte subpage = 0, ushort allocation = 4096, int control = 0, bool noDescriptors = false, bool longLba = false) =>
        Make(ScsiOpcode.ModeSense10, (noDescriptors ? 8 : 0) | (longLba ? 0x10 : 0), count: allocation)
            .With(2, (byte)(control << 6 | page & 0x3F)).With(3, subpage);
    public static Cdb ModeSelect6(byte parameters, bool save = false) => Make(ScsiOpcode.ModeSelect6, save ? 0x11 : 0x10, count: parameters);
    public static Cdb ModeSelect10(ushort parameters, bool save = false) => Make(ScsiOpcode.ModeSelect10, save ? 0x11 : 0x10, count: parameters);

    public static Cdb StartStopUnit(bool start, bool loadEject = false, bool immediate = false, int powerCondition = 0) =>
        Make(ScsiOpcode.StartStopUnit, immediate ? 1 : 0).With(4, (byte)(powerCondition << 4 | (loadEject ? 2 : 0) | (start ? 1 : 0)));
    public static Cdb PreventAllowMediumRemoval(bool prevent) => Make(ScsiOpcode.PreventAllowMediumRemoval).With(4, (byte)(prevent ? 1 : 0));

    public static Cdb ReadCapacity10() => Make(ScsiOpcode.ReadCapacity10);
    public static Cdb ReadCapacity16(uint allocation = 32) => Make(ScsiOpcode.ServiceActionIn16, ServiceAction.ReadCapacity16, count: allocation);
    public static Cdb GetLbaStatus(ulong lba, uint allocation = 24) => Make(ScsiOpcode.ServiceActionIn16, ServiceAction.GetLbaStatus, lba, allocation);

    /// <param name="lba">0..0x1FFFFF.</param>
    /// <param name="blocks">1..256.</param>
    public static Cdb Read6(uint lba, int blocks) => Make(ScsiOpcode.Read6, 0, lba, (byte)blocks);
    /// <inheritdoc cref="Read6"/>
    public static Cdb Write6(uint lba, int blocks) => Make(ScsiOpcode.Write6, 0, lba, (byte)blocks);
    public static Cdb Read10(uint lba, ushort blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Read10, (int)flags, lba, blocks);
    public static Cdb Write10(uint lba, ushort blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Write10, (int)flags, lba, blocks);
    public static Cdb Read12(uint lba, uint blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Read12, (int)flags, lba, blocks);
    public static Cdb Write12(uint lba, uint blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Write12, (int)flags, lba, blocks);
    public static Cdb Read16(ulong lba, uint blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Read16, (int)flags, lba, blocks);
    public static Cdb Write16(ulong lba, uint blocks, BlockFlags flags = 0) => Make(ScsiOpcode.Write16, (int)flags, lba, blocks);

    /// <summary>READ(10) where the numbers fit, READ(16) otherwise.</summary>
    public static Cdb Read(ulong lba, uint blocks, BlockFlags flags = 0) =>
        lba <= uint.MaxValue && blocks <= ushort.MaxValue ? Read10((uint)lba, (ushort)blocks, flags) : Read16(lba, blocks, flags);
    /// <summary>WRITE(10) where the numbers fit, WRITE(16) otherwise.</summary>
    public static Cdb Write(ulong lba, uint blocks, BlockFlags flags = 0) =>
        lba <= uint.MaxValue && blocks <= ushort.MaxValue ? Write10((uint)lba, (ushort)blocks, flags) : Write16(lba, blocks, flags);

    /// <param name="byteCheck">0 no comparison, 1 with the data-out, 3 each block with one block.</param>
    public static Cdb Verify10(uint lba, ushort blocks, int byteCheck = 0) => Make(ScsiOpcode.Verify10, byteCheck << 1, lba, blocks);
    /// <inheritdoc cref="Verify10"/>
    public static Cdb Verify12(uint lba, uint blocks, int byteCheck = 0) => Make(ScsiOpcode.Verify12, byteCheck << 1, lba, blocks);
    /// <inheritdoc cref="Verify10"/>
    public static Cdb Verify16(ulong lba, uint blocks, int byteCheck = 0) => Make(ScsiOpcode.Verify16, byteCheck << 1, lba, blocks);
    /// <inheritdoc cref="Verify10"/>
    public static Cdb WriteAndVerify10(uint lba, ushort blocks, int byteCheck = 0) => Make(ScsiOpcode.WriteAndVerify10, byteCheck << 1, lba, blocks);
    /// <inheritdoc cref="Verify10"/>
    public static Cdb WriteAndVerify12(uint lba, uint blocks, int byteCheck = 0) => Make(ScsiOpcode.WriteAndVerify12, byteCheck << 1, lba, blocks);
    /// <inheritdoc cref="Verify10"/>
    public static Cdb WriteAndVerify16(ulong lba, uint blocks, int byteCheck = 0) => Make(ScsiOpcode.WriteAndVerify16, byteCheck << 1, lba, blocks);

    /// <param name="blocks">0: to the end of the medium.</param>
    public static Cdb SynchronizeCache10(uint lba = 0, ushort blocks = 0, bool immediate = false) =>
        Make(ScsiOpcode.SynchronizeCache10, immediate ? 2 : 0, lba, blocks);
    /// <inheritdoc cref="SynchronizeCache10"/>
    public static Cdb SynchronizeCache16(ulong lba = 0, uint blocks = 0, bool immediate = false) =>
        Make(ScsiOpcode.SynchronizeCache16, immediate ? 2 : 0, lba, blocks);
    public static Cdb PreFetch10(uint lba, ushort blocks, bool immediate = false) => Make(ScsiOpcode.PreFetch10, immediate ? 2 : 0, lba, blocks);
    public static Cdb PreFetch16(ulong lba, uint blocks, bool immediate = false) => Make(ScsiOpcode.PreFetch16, immediate ? 2 : 0, lba, blocks);

    public static Cdb WriteSame10(uint lba, ushort blocks, bool unmap = false, bool anchor = false) =>
        Make(ScsiOpcode.WriteSame10, (unmap ? 8 : 0) | (anchor ? 0x10 : 0), lba, blocks);
    public static Cdb WriteSame16(ulong lba, uint blocks, bool unmap = false, bool anchor = false, bool noDataOut = false) =>
        Make(ScsiOpcode.WriteSame16, (unmap ? 8 : 0) | (anchor ? 0x10 : 0) | (noDataOut ? 1 : 0), lba, blocks);
    /// <param name="parameters">Bytes of the parameter list, <see cref="UnmapList.LengthFor"/>.</param>
    public static Cdb Unmap(ushort parameters, bool anchor = false) => Make(ScsiOpcode.Unmap, anchor ? 1 : 0, count: parameters);
    public static Cdb CompareAndWrite(ulong lba, byte blocks, BlockFlags flags = 0) => Make(ScsiOpcode.CompareAndWrite, (int)flags, lba, blocks);

    /// <param name="select">0 addressed units, 1 well-known units, 2 both.</param>
    public static Cdb ReportLuns(uint allocation = 4096, byte select = 0) => Make(ScsiOpcode.ReportLuns, count: allocation).With(2, select);
    /// <param name="timeouts">RCTD: with timeout descriptors.</param>
    public static Cdb ReportSupportedOpcodes(uint allocation = 8192, bool timeouts = false) =>
        Make(ScsiOpcode.MaintenanceIn, ServiceAction.ReportSupportedOpcodes, count: allocation).With(2, (byte)(timeouts ? 0x80 : 0));
    /// <param name="option">1 no service action, 2 with one, 3 either.</param>
    public static Cdb ReportSupportedOpcode(ScsiOpcode opcode, int option = 1, int action = 0, uint allocation = 64, bool timeouts = false) =>
        Make(ScsiOpcode.MaintenanceIn, ServiceAction.ReportSupportedOpcodes, count: allocation)
            .With(2, (byte)(option | (timeouts ? 0x80 : 0))).With(3, (byte)opcode).With(4, (byte)(action >> 8)).With(5, (byte)action);
    public static Cdb ReportSupportedTaskManagement(uint allocation = 16, bool extended = false) =>
        Make(ScsiOpcode.MaintenanceIn, ServiceAction.ReportSupportedTaskManagement, count: allocation).With(2, (byte)(extended ? 0x80 : 0));

    public static Cdb Reserve6() => Make(ScsiOpcode.Reserve6);
    public static Cdb Release6() => Make(ScsiOpcode.Release6);
    public static Cdb PersistentReserveIn(int action, ushort allocation = 4096) => Make(ScsiOpcode.PersistentReserveIn, action, count: allocation);
    /// <param name="type">Reservation type 1, 3, 5..8.</param>
    public static Cdb PersistentReserveOut(int action, byte type = 0, uint parameters = 24) =>
        Make(ScsiOpcode.PersistentReserveOut, action, count: parameters).With(2, type);

    /// <summary>The same CDB with one byte replaced.</summary>
    public Cdb With(int index, byte value)
    {
        var shift = 56 - 8 * (index & 7);
        var clear = ~(0xFFUL << shift);
        return index < 8 ? this with { High = High & clear | (ulong)value << shift } : this with { Low = Low & clear | (ulong)value << shift };
    }

    private static Cdb Make(ScsiOpcode opcode, int byte1 = 0, ulong lba = 0, uint count = 0)
    {
        var info = CommandTable.Find(opcode, byte1 & 0x1F)!;
        Span<byte> bytes = stackalloc byte[Length];
        bytes.Clear();
        Put(bytes, info.Lba, lba);
        Put(bytes, info.Count, count);
        bytes[0] = (byte)opcode;
        bytes[1] |= (byte)byte1;
        return new(ReadUInt64BigEndian(bytes), ReadUInt64BigEndian(bytes[8..]));
    }

    private static void Put(Span<byte> bytes, CdbField field, ulong value)
    {
        value &= field.Mask;
        for (var i = field.Bytes - 1; i >= 0; i--, value >>= 8) bytes[field.Offset + i] = (byte)value;
    }
}
