using Weft.Protocol.Scsi;

namespace Weft.Protocol.Tests.Scsi;

public class CdbTests
{
    /// <summary>CDBs as Linux 6.1 and sg3_utils sent them (iSER captures of LIO sessions), and what the log line must say.</summary>
    [Theory]
    [InlineData("12000000240000000000000000000000", "INQUIRY alloc 36")]
    [InlineData("120100000c0000000000000000000000", "INQUIRY vpd 00 alloc 12")]
    [InlineData("120183008f0000000000000000000000", "INQUIRY vpd 83 alloc 143")]
    [InlineData("00000000000000000000000000000000", "TEST UNIT READY")]
    [InlineData("9e100000000000000000000000200000", "READ CAPACITY(16) alloc 32")]
    [InlineData("25000000000000000000000000000000", "READ CAPACITY(10)")]
    [InlineData("1a003f00040000000000000000000000", "MODE SENSE(6) page 3f/00 alloc 4")]
    [InlineData("1a000800200000000000000000000000", "MODE SENSE(6) page 08/00 alloc 32")]
    [InlineData("5a003f00000000100000000000000000", "MODE SENSE(10) page 3f/00 alloc 4096")]
    [InlineData("a30c011200000000000a000000000000", "REPORT SUPPORTED OPERATION CODES opcode 12/0 alloc 10")]
    [InlineData("a30c0000000000002000000000000000", "REPORT SUPPORTED OPERATION CODES alloc 8192")]
    [InlineData("a0000000000000001000000000000000", "REPORT LUNS alloc 4096")]
    [InlineData("28000000001800000800000000000000", "READ(10) lba 24 blocks 8")]
    [InlineData("2a0000000a0000008000000000000000", "WRITE(10) lba 2560 blocks 128")]
    [InlineData("2800ffffff0000000100000000000000", "READ(10) lba 4294967040 blocks 1")]
    [InlineData("88000000000000000be0000000080000", "READ(16) lba 3040 blocks 8")]
    [InlineData("ff000000000000000000000000000000", "opcode ff [ff000000000000000000000000000000]")]
    public void What_Linux_sends_prints_and_writes_back(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.True(Cdb.TryRead(bytes, out var cdb));
        Assert.Equal(expected, cdb.ToString());
        var back = new byte[16];
        cdb.Write(back);
        Assert.Equal(bytes, back);
    }

    public static TheoryData<Cdb, string, string> Built => new()
    {
        { Cdb.RequestSense(18, descriptor: true), "030100001200", "REQUEST SENSE alloc 18" },
        { Cdb.Read6(0x123456, 256), "081234560000", "READ(6) lba 1193046 blocks 256" },
        { Cdb.Write6(7, 3), "0a0000070300", "WRITE(6) lba 7 blocks 3" },
        { Cdb.Read10(0x01020304, 0x0506, BlockFlags.Fua), "28080102030400050600", "READ(10) lba 16909060 blocks 1286 fua" },
        { Cdb.Write12(1, 0x01020304, BlockFlags.Dpo | BlockFlags.Fua), "aa1800000001010203040000", "WRITE(12) lba 1 blocks 16909060 dpo fua" },
        { Cdb.Write16(0x0102030405060708, 9), "8a000102030405060708000000090000", "WRITE(16) lba 72623859790382856 blocks 9" },
        { Cdb.Read(1UL << 32, 1), "88000000000100000000000000010000", "READ(16) lba 4294967296 blocks 1" },
        { Cdb.Read(5, 65536), "88000000000000000005000100000000", "READ(16) lba 5 blocks 65536" },
        { Cdb.Write(5, 65535), "2a000000000500ffff00", "WRITE(10) lba 5 blocks 65535" },
        { Cdb.Verify10(4, 2, 1), "2f020000000400000200", "VERIFY(10) lba 4 blocks 2 bytchk 1" },
        { Cdb.Verify12(4, 2, 3), "af0600000004000000020000", "VERIFY(12) lba 4 blocks 2 bytchk 3" },
        { Cdb.Verify16(4, 2), "8f000000000000000004000000020000", "VERIFY(16) lba 4 blocks 2" },
        { Cdb.WriteAndVerify10(4, 2, 1), "2e020000000400000200", "WRITE AND VERIFY(10) lba 4 blocks 2 bytchk 1" },
        { Cdb.WriteAndVerify12(4, 2), "ae0000000004000000020000", "WRITE AND VERIFY(12) lba 4 blocks 2" },
        { Cdb.WriteAndVerify16(4, 2), "8e000000000000000004000000020000", "WRITE AND VERIFY(16) lba 4 blocks 2" },
        { Cdb.SynchronizeCache10(), "35000000000000000000", "SYNCHRONIZE CACHE(10) lba 0 blocks 0" },
        { Cdb.SynchronizeCache16(1, 2, true), "91020000000000000001000000020000", "SYNCHRONIZE CACHE(16) lba 1 blocks 2 immed" },
        { Cdb.PreFetch10(1, 2), "34000000000100000200", "PRE-FETCH(10) lba 1 blocks 2" },
        { Cdb.PreFetch16(1, 2, true), "90020000000000000001000000020000", "PRE-FETCH(16) lba 1 blocks 2 immed" },
        { Cdb.WriteSame10(1, 2, unmap: true), "41080000000100000200", "WRITE SAME(10) lba 1 blocks 2 unmap" },
        { Cdb.WriteSame16(1, 2, true, true, true), "93190000000000000001000000020000", "WRITE SAME(16) lba 1 blocks 2 unmap anchor ndob" },
        { Cdb.Unmap(24), "42000000000000001800", "UNMAP params 24" },
        { Cdb.CompareAndWrite(8, 2), "89000000000000000008000000020000", "COMPARE AND WRITE lba 8 blocks 2" },
        { Cdb.GetLbaStatus(16, 24), "9e120000000000000010000000180000", "GET LBA STATUS lba 16 alloc 24" },
        { Cdb.ModeSense6(0x0A, 0, 12, 1, true), "1a084a000c00", "MODE SENSE(6) page 0a/00 changeable dbd alloc 12" },
        { Cdb.ModeSelect6(24), "151000001800", "MODE SELECT(6) params 24" },
        { Cdb.ModeSelect10(24, save: true), "55110000000000001800", "MODE SELECT(10) params 24" },
        { Cdb.StartStopUnit(true, loadEject: true), "1b0000000300", "START STOP UNIT start loej" },
        { Cdb.StartStopUnit(false, immediate: true), "1b0100000000", "START STOP UNIT stop immed" },
        { Cdb.ReportLuns(16, 2), "a00002000000000000100000", "REPORT LUNS select 02 alloc 16" },
        { Cdb.ReportSupportedOpcode(ScsiOpcode.ServiceActionIn16, 2, 0x10), "a30c029e0010000000400000", "REPORT SUPPORTED OPERATION CODES opcode 9e/10 alloc 64" },
        { Cdb.ReportSupportedTaskManagement(4), "a30d00000000000000040000", "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS alloc 4" },
        { Cdb.Reserve6(), "160000000000", "RESERVE(6)" },
        { Cdb.PersistentReserveIn(0), "5e000000000000100000", "PERSISTENT RESERVE IN (READ KEYS) alloc 4096" },
        { Cdb.PersistentReserveOut(ServiceAction.Reserve, 5), "5f010500000000001800", "PERSISTENT RESERVE OUT (RESERVE) params 24" },
        { Cdb.PreventAllowMediumRemoval(true), "1e0000000100", "PREVENT ALLOW MEDIUM REMOVAL" },
    };

    /// <summary>Bytes counted out by hand from SPC-4 §6 and SBC-3 §5.</summary>
    [Theory, MemberData(nameof(Built))]
    public void Builders_put_every_field_in_its_place(Cdb cdb, string hex, string text)
    {
        var bytes = new byte[16];
        cdb.Write(bytes);
        Assert.Equal(hex.PadRight(32, '0'), Convert.ToHexString(bytes).ToLowerInvariant());
        Assert.Equal(text, cdb.ToString());
        Assert.Equal(hex.Length / 2, cdb.Size);
    }

    [Fact]
    public void Numbers_read_back_for_any_value()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var (lba, blocks) = ((ulong)random.NextInt64(), (uint)random.Next());
            Assert.Equal((lba, blocks), (Cdb.Read16(lba, blocks).Lba, Cdb.Read16(lba, blocks).Blocks));
            Assert.Equal((lba, blocks), (Cdb.WriteSame16(lba, blocks).Lba, Cdb.WriteSame16(lba, blocks).Blocks));
            Assert.Equal(((uint)lba, blocks), ((uint)Cdb.Write12((uint)lba, blocks).Lba, Cdb.Write12((uint)lba, blocks).Blocks));
            Assert.Equal(((uint)lba, (ushort)blocks), ((uint)Cdb.Read10((uint)lba, (ushort)blocks).Lba, (ushort)Cdb.Read10((uint)lba, (ushort)blocks).Blocks));
            Assert.Equal(((uint)lba & 0x1F_FFFF, (blocks & 0xFF) == 0 ? 256 : blocks & 0xFF),
                ((uint)Cdb.Read6((uint)lba, (int)(blocks & 0xFF)).Lba, Cdb.Read6((uint)lba, (int)(blocks & 0xFF)).Blocks));
            Assert.Equal((byte)blocks, Cdb.CompareAndWrite(lba, (byte)blocks).Blocks);
            Assert.Equal(blocks, Cdb.ReportLuns(blocks).ByteCount);
        }
    }

    [Fact]
    public void Usage_data_agrees_with_the_fields_and_the_length_with_the_group()
    {
        CommandInfo? previous = null;
        foreach (var info in CommandTable.All)
        {
            Assert.Equal((byte)info.Opcode, info.Usage[0]);
            Assert.Equal(info.Usage.Length, info.Size);
            Cdb.TryRead(info.Usage, out var cdb);
            Assert.Equal(info.Size, cdb.Size);
            foreach (var field in new[] { info.Lba, info.Count })
                for (var i = 0; i < field.Bytes; i++) // every bit of a number counts, and the byte of a service action is never part of one
                    Assert.True(info.Usage[field.Offset + i] == 0xFF || field.Offset + i == 1 && info.Size == 6, $"{info} byte {field.Offset + i}");
            if (info.HasAction) Assert.Equal(info.Action, info.Usage[1] & 0x1F);
            if (previous is not null)
                Assert.True(Key(previous) < Key(info), info.Name);
            previous = info;
            Assert.Same(info, CommandTable.Find(info.Opcode, info.Action));
        }
    }

    private static int Key(CommandInfo info) => (int)info.Opcode << 16 | info.Action + 1;

    [Theory]
    [InlineData("28000000000000000100", false, 0, 0)]
    [InlineData("28010000000000000100", true, 1, 0)] // RELADR, obsolete
    [InlineData("280000000000c0000100", true, 6, 7)]
    [InlineData("28000000000000000104", true, 9, 2)] // NACA
    [InlineData("a00000010000000000100000", true, 3, 0)]
    [InlineData("9e100000000000000000000000208000", true, 14, 7)]
    public void The_first_undefined_bit_is_found(string hex, bool expected, int offset, int bit)
    {
        Cdb.TryRead(Convert.FromHexString(hex), out var cdb);
        Assert.Equal(expected, cdb.TryFindUndefinedBit(cdb.Info!.Usage, out var foundOffset, out var foundBit));
        Assert.Equal((offset, bit), (foundOffset, foundBit));
    }

    [Theory]
    [InlineData("2f000000000000000100", DataDirection.None)]
    [InlineData("2f020000000000000100", DataDirection.Out)]
    [InlineData("93010000000000000000000000010000", DataDirection.None)]
    [InlineData("93000000000000000000000000010000", DataDirection.Out)]
    [InlineData("28000000000000000100", DataDirection.In)]
    [InlineData("c0000000000000000000", DataDirection.None)]
    public void Direction_follows_the_bits_that_switch_the_data_off(string hex, DataDirection expected)
    {
        Cdb.TryRead(Convert.FromHexString(hex), out var cdb);
        Assert.Equal(expected, cdb.Direction);
    }

    [Fact]
    public void Nothing_is_no_command() => Assert.False(Cdb.TryRead([], out _));
}
