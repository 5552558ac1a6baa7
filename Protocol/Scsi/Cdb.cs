using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>
/// A command descriptor block of up to 16 bytes, kept as it stood on the wire; shorter ones are padded with zeros, as every transport
/// carries them. What the bytes mean comes from <see cref="CommandTable"/>. SPC-4 §4.2.
/// </summary>
/// <param name="High">Bytes 0..7.</param>
/// <param name="Low">Bytes 8..15.</param>
public readonly partial record struct Cdb(ulong High, ulong Low)
{
    public const int Length = 16;

    /// <summary>Takes the first 16 bytes of the source, or pads a shorter one; false for an empty one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Cdb cdb)
    {
        if (source.Length >= Length)
        {
            cdb = new(ReadUInt64BigEndian(source), ReadUInt64BigEndian(source[8..]));
            return true;
        }
        Span<byte> padded = stackalloc byte[Length];
        padded.Clear();
        source.CopyTo(padded);
        cdb = new(ReadUInt64BigEndian(padded), ReadUInt64BigEndian(padded[8..]));
        return !source.IsEmpty;
    }

    /// <summary>Writes all 16 bytes.</summary>
    public void Write(Span<byte> target)
    {
        WriteUInt64BigEndian(target, High);
        WriteUInt64BigEndian(target[8..], Low);
    }

    /// <summary>Byte 0..15.</summary>
    public byte this[int index] => (byte)((index < 8 ? High : Low) >> (56 - 8 * (index & 7)));

    public ScsiOpcode Opcode => (ScsiOpcode)(High >> 56);

    /// <summary>Low five bits of byte 1; of the variable length format, bytes 8 and 9.</summary>
    public int Action => Opcode == ScsiOpcode.VariableLength ? (int)(Low >> 48) : this[1] & 0x1F;

    /// <summary>Bytes that count, by the group of the operation code: 6, 10, 12 or 16; 0 for reserved and vendor groups. SPC-4 §4.2.5.1.</summary>
    public int Size => ((byte)Opcode >> 5) switch
    {
        0 => 6,
        1 or 2 => 10,
        4 => 16,
        5 => 12,
        _ => 0,
    };

    /// <summary>The command, or null when the table has no such operation code and service action.</summary>
    public CommandInfo? Info => CommandTable.Find(Opcode, Action);

    /// <summary>Which way data goes, if any: VERIFY without BYTCHK and WRITE SAME with NDOB have none. SBC-3 §5.32, §5.51.</summary>
    public DataDirection Direction => Opcode switch
    {
        ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16 when ByteCheck == 0 => DataDirection.None,
        ScsiOpcode.WriteSame16 when IsNoDataOut => DataDirection.None,
        _ => Info?.Direction ?? DataDirection.None,
    };

    /// <summary>Reads a number where the table says it stands; 0 for a field that does not exist.</summary>
    public ulong Get(CdbField field)
    {
        ulong value = 0;
        for (var i = 0; i < field.Bytes; i++) value = value << 8 | this[field.Offset + i];
        return value & field.Mask;
    }

    /// <summary>First logical block, 0 for commands without one.</summary>
    public ulong Lba => Info is { } info ? Get(info.Lba) : 0;

    /// <summary>Blocks of commands that count blocks. READ(6) and WRITE(6) mean 256 by 0 (SBC-3 §5.7); all others mean 0.</summary>
    public uint Blocks
    {
        get
        {
            if (Info is not { Unit: CountUnit.Blocks } info) return 0;
            var count = (uint)Get(info.Count);
            return count == 0 && info.Size == 6 ? 256 : count;
        }
    }

    /// <summary>Allocation length, or parameter list length, in bytes; 0 for commands without.</summary>
    public uint ByteCount => Info is { Unit: CountUnit.Allocation or CountUnit.Parameters } info ? (uint)Get(info.Count) : 0;

    /// <summary>DPO, FUA and relatives of READ and WRITE (10, 12, 16).</summary>
    public BlockFlags Flags => (BlockFlags)(this[1] & 0x1E);
    /// <summary>RDPROTECT, WRPROTECT, VRPROTECT: bits 7..5 of byte 1.</summary>
    public int Protect => this[1] >> 5;
    /// <summary>VERIFY and WRITE AND VERIFY, bits 2..1 of byte 1: 0 no comparison, 1 with the data-out, 3 each block with one block. SBC-3 §5.32.</summary>
    public int ByteCheck => this[1] >> 1 & 3;
    /// <summary>INQUIRY: vital product data asked for.</summary>
    public bool IsVpd => (this[1] & 1) != 0;
    /// <summary>INQUIRY: the page. MODE SENSE: <see cref="ModePage"/>.</summary>
    public byte VpdPage => this[2];
    /// <summary>MODE SENSE: page, 3Fh for all.</summary>
    public byte ModePage => (byte)(this[2] & 0x3F);
    public byte ModeSubpage => this[3];
    /// <summary>MODE SENSE: 0 current, 1 changeable, 2 default, 3 saved values.</summary>
    public int PageControl => this[2] >> 6;
    /// <summary>MODE SENSE: no block descriptors.</summary>
    public bool DisableBlockDescriptors => (this[1] & 0x08) != 0;
    /// <summary>MODE SENSE(10): long block descriptors accepted.</summary>
    public bool LongLbaAccepted => (this[1] & 0x10) != 0;
    /// <summary>WRITE SAME: deallocate. Byte 1 bit 3.</summary>
    public bool IsUnmap => (this[1] & 0x08) != 0;
    /// <summary>WRITE SAME, UNMAP: anchor instead of deallocate; bit 4, of UNMAP bit 0.</summary>
    public bool IsAnchor => (this[1] & (Opcode == ScsiOpcode.Unmap ? 0x01 : 0x10)) != 0;
    /// <summary>WRITE SAME(16): zeros without a data-out buffer. Byte 1 bit 0.</summary>
    public bool IsNoDataOut => Opcode == ScsiOpcode.WriteSame16 && (this[1] & 0x01) != 0;
    /// <summary>SYNCHRONIZE CACHE and PRE-FETCH: status at once, work later. Byte 1 bit 1; START STOP UNIT bit 0.</summary>
    public bool IsImmediate => (this[1] & (Opcode == ScsiOpcode.StartStopUnit ? 0x01 : 0x02)) != 0;

    /// <summary>The CDB's first bit that is set outside a mask: the byte's offset and the bit, or false. SPC-4 §4.2.</summary>
    /// <param name="usage">As <see cref="CommandInfo.Usage"/>, perhaps with fewer bits; its length is the CDB's.</param>
    public bool TryFindUndefinedBit(ReadOnlySpan<byte> usage, out int offset, out int bit)
    {
        (offset, bit) = (0, 0);
        for (var i = 1; i < usage.Length && i < Length; i++)
        {
            var defined = i == 1 && CommandTable.HasActions(Opcode) ? 0x1F | usage[1] : usage[i];
            var strange = this[i] & ~defined;
            if (strange == 0) continue;
            (offset, bit) = (i, 31 - System.Numerics.BitOperations.LeadingZeroCount((uint)strange));
            return true;
        }
        return false;
    }

    /// <summary>One line: name and the numbers that matter.</summary>
    public override string ToString()
    {
        if (Info is not { } info) return Unknown();
        var text = new StringBuilder(info.Name, 64);
        if (info.Lba.Exists && info.Unit != CountUnit.None && (info.Opcode != ScsiOpcode.ServiceActionIn16 || Lba != 0)) text.Append($" lba {Lba}");
        if (info.Unit == CountUnit.Blocks) text.Append($" blocks {Blocks}");
        Describe(text);
        if (info.Unit == CountUnit.Allocation) text.Append($" alloc {ByteCount}");
        if (info.Unit == CountUnit.Parameters) text.Append($" params {ByteCount}");
        return text.ToString();
    }

    private void Describe(StringBuilder text)
    {
        switch (Opcode)
        {
            case ScsiOpcode.Inquiry when IsVpd:
                text.Append($" vpd {VpdPage:x2}");
                break;
            case ScsiOpcode.ModeSense6 or ScsiOpcode.ModeSense10:
                text.Append($" page {ModePage:x2}/{ModeSubpage:x2}");
                if (PageControl != 0) text.Append(PageControl == 1 ? " changeable" : PageControl == 2 ? " default" : " saved");
                if (DisableBlockDescriptors) text.Append(" dbd");
                break;
            case ScsiOpcode.Read10 or ScsiOpcode.Read12 or ScsiOpcode.Read16 or ScsiOpcode.Write10 or ScsiOpcode.Write12 or ScsiOpcode.Write16
                or ScsiOpcode.CompareAndWrite or ScsiOpcode.OrWrite16 or ScsiOpcode.WriteAtomic16:
                AppendFlags(text, Flags);
                break;
            case ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16
                or ScsiOpcode.WriteAndVerify10 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.WriteAndVerify16:
                if (ByteCheck != 0) text.Append($" bytchk {ByteCheck}");
                AppendFlags(text, Flags & BlockFlags.Dpo);
                break;
            case ScsiOpcode.WriteSame10 or ScsiOpcode.WriteSame16 or ScsiOpcode.Unmap:
                if (Opcode != ScsiOpcode.Unmap && IsUnmap) text.Append(" unmap");
                if (IsAnchor) text.Append(" anchor");
                if (IsNoDataOut) text.Append(" ndob");
                break;
            case ScsiOpcode.SynchronizeCache10 or ScsiOpcode.SynchronizeCache16 or ScsiOpcode.PreFetch10 or ScsiOpcode.PreFetch16 when IsImmediate:
                text.Append(" immed");
                break;
            case ScsiOpcode.StartStopUnit:
                text.Append((this[4] & 1) != 0 ? " start" : " stop");
                if ((this[4] & 2) != 0) text.Append(" loej");
                if (this[4] >> 4 != 0) text.Append($" power {this[4] >> 4:x}");
                if (IsImmediate) text.Append(" immed");
                break;
            case ScsiOpcode.ReportLuns when this[2] != 0:
                text.Append($" select {this[2]:x2}");
                break;
            case ScsiOpcode.MaintenanceIn when Action == ServiceAction.ReportSupportedOpcodes && (this[2] & 7) != 0:
                text.Append($" opcode {this[3]:x2}/{ReadUInt16():x}");
                break;
        }
        if (Protect != 0 && Info is { Unit: CountUnit.Blocks, Size: > 6 }) text.Append($" protect {Protect}");
    }

    private int ReadUInt16() => this[4] << 8 | this[5];

    private static void AppendFlags(StringBuilder text, BlockFlags flags)
    {
        if ((flags & BlockFlags.Dpo) != 0) text.Append(" dpo");
        if ((flags & BlockFlags.Fua) != 0) text.Append(" fua");
        if ((flags & BlockFlags.FuaNv) != 0) text.Append(" fua_nv");
        if ((flags & BlockFlags.Rarc) != 0) text.Append(" rarc");
    }

    private string Unknown()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Write(bytes);
        return $"opcode {(byte)Opcode:x2} [{Convert.ToHexString(bytes[..(Size == 0 ? Length : Size)]).ToLowerInvariant()}]";
    }
}
