using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>CDB in, status, sense, residual and data out: a disk of 1024 blocks of 512 bytes.</summary>
public class DiskCommandTests
{
    private static readonly DiskOptions Options = new() { Vendor = "WEFT", Product = "RAM", Revision = "12", Serial = "S1", MaxTransfer = 256 };

    /// <summary>CDB; data-out bytes; data-in room; outcome; data-in (hex, '*' ends it: whatever follows).</summary>
    [Theory]
    [InlineData("000000000000", 0, 0, "Good", "")]
    [InlineData("030000001200", 0, 18, "Good", "700000000000000A00000000000000000000")]
    [InlineData("030100001200", 0, 18, "Good in-10", "7200000000000000*")]
    [InlineData("120000002400", 0, 36, "Good", "000006125B0000025745465420202020*")]
    [InlineData("120000006000", 0, 96, "Good", "000006125B000002574546542020202052414D2020202020202020202020202031322020*")]
    [InlineData("120000000500", 0, 96, "Good in-91", "000006125B*")]
    [InlineData("120100000c00", 0, 12, "Good in-1", "00000007008083 86B0B1B2*")]
    [InlineData("120180000c00", 0, 6, "Good", "008000025331")]
    [InlineData("120180000c00", 0, 4, "Good in+2", "00800002")]
    [InlineData("120183001800", 0, 24, "Good", "0083004E01030008*")]
    [InlineData("120186004000", 0, 64, "Good", "0086003C00070101*")]
    [InlineData("1201b0004000", 0, 64, "Good", "00B0003C0010000100000100000008000000000000100000000001000000000100000000*")]
    [InlineData("1201b1004000", 0, 64, "Good", "00B1003C0001*")]
    [InlineData("1201b2000800", 0, 8, "Good", "00B20004 00E40200")]
    [InlineData("120183000000", 0, 0, "Good", "")]
    [InlineData("1201c0004000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 in-64", "")]
    [InlineData("120080004000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 in-64", "")]
    [InlineData("120200004000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 1 in-64", "")]
    [InlineData("25000000000000000000", 0, 8, "Good", "000003FF00000200")]
    [InlineData("25000000000100000000", 0, 8, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 in-8", "")]
    [InlineData("25000000000000000100", 0, 8, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 8 bit 0 in-8", "")]
    [InlineData("9e100000000000000000000000200000", 0, 32, "Good", "00000000000003FF0000020000 00C000*")]
    [InlineData("9e100000000000000000000000050000", 0, 32, "Good in-27", "0000000000*")]
    [InlineData("9e110000000000000000000000200000", 0, 32, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 4 in-32", "")]
    [InlineData("9e120000000000000000000000180000", 0, 24, "Good", "0000001400000000000000000000000000000400 01000000")]
    [InlineData("9e120000000000000400000000180000", 0, 24, "IllegalRequest 21/00 (logical block address out of range) in-24", "")]
    [InlineData("a00000000000000000100000", 0, 16, "Good", "00000008000000000000000000000000")]
    [InlineData("a00001000000000000100000", 0, 16, "Good in-8", "0000000000000000")]
    [InlineData("a00003000000000000100000", 0, 16, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 in-16", "")]
    [InlineData("1a003f00040000", 0, 4, "Good", "43001008")]
    [InlineData("1a0008002000", 0, 32, "Good", "1F0010080000040000000200 0812000000000000000000000000000000000000")]
    [InlineData("1a0848001800", 0, 24, "Good", "17001000 0812040000000000000000000000000000000000")]
    [InlineData("1a080a001000", 0, 16, "Good", "0F001000 0A0A02100040 0000FFFF0000")]
    [InlineData("5a103f0000000000ff00", 0, 255, "Good in-175", "004E001001000010 0000000000000400 00000000 00000200 010A*")]
    [InlineData("1a003e002000", 0, 32, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 bit 5 in-32", "")]
    [InlineData("1a000a052000", 0, 32, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 3 in-32", "")]
    [InlineData("1a00c8002000", 0, 32, "IllegalRequest 39/00 (saving parameters not supported) in-32", "")]
    [InlineData("1b0000000000", 0, 0, "Good", "")]
    [InlineData("1b0000000100", 0, 0, "Good", "")]
    [InlineData("35000000000000000000", 0, 0, "Good", "")]
    [InlineData("35020000000000000000", 0, 0, "Good", "")]
    [InlineData("3500000003ff00000200", 0, 0, "IllegalRequest 21/00 (logical block address out of range)", "")]
    [InlineData("34000000000000000100", 0, 0, "Good", "")]
    [InlineData("34000000040100000000", 0, 0, "IllegalRequest 21/00 (logical block address out of range)", "")]
    // READ and WRITE: ranges, limits, protection, residuals
    [InlineData("08000000ff00", 0, 130560, "Good", "00*")]
    [InlineData("080000000000", 0, 131072, "Good", "00*")] // 0 means 256
    [InlineData("28000000000000000000", 0, 0, "Good", "")]
    [InlineData("28000000000000000000", 0, 512, "Good in-512", "")]
    [InlineData("28000000040000000000", 0, 0, "Good", "")]
    [InlineData("28000000040100000000", 0, 0, "IllegalRequest 21/00 (logical block address out of range)", "")]
    [InlineData("28000000040000000100", 0, 512, "IllegalRequest 21/00 (logical block address out of range) in-512", "")]
    [InlineData("2800ffffffff00000100", 0, 512, "IllegalRequest 21/00 (logical block address out of range) in-512", "")]
    [InlineData("88ffffffffffffffffff000000000100", 0, 512, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 7 in-512", "")]
    [InlineData("8800ffffffffffffffff000000010000", 0, 512, "IllegalRequest 21/00 (logical block address out of range) in-512", "")]
    [InlineData("28000000000000010100", 0, 131584, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 7 in-131584", "")]
    [InlineData("28200000000000000100", 0, 512, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 5 in-512", "")]
    [InlineData("28180000000000000100", 0, 512, "Good", "00*")]
    [InlineData("28000000000000000100", 0, 0, "Good in+512", "")]
    [InlineData("28000000000000000100", 0, 200, "Good in+312", "00*")]
    [InlineData("28000000000000000100", 0, 10000, "Good in-9488", "00*")]
    [InlineData("28000000000000000100", 512, 0, "Good in+512 out-512", "")] // the initiator had the direction wrong
    [InlineData("2a000000000000000100", 512, 0, "Good", "")]
    [InlineData("2a000000000000000100", 0, 0, "Good out+512", "")]
    [InlineData("2a000000000000000100", 200, 0, "Good out+312", "")]
    [InlineData("2a000000000000000100", 10000, 0, "Good out-9488", "")]
    [InlineData("2a000000000000000200", 512, 0, "Good out+512", "")]
    [InlineData("2a000000040000000100", 512, 0, "IllegalRequest 21/00 (logical block address out of range) out-512", "")]
    [InlineData("2a000000000000000100", 0, 512, "Good in-512 out+512", "")]
    [InlineData("2e040000000000000100", 512, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 2 out-512", "")]
    // VERIFY
    [InlineData("2f000000000000000100", 0, 0, "Good", "")]
    [InlineData("2f000000040000000100", 0, 0, "IllegalRequest 21/00 (logical block address out of range)", "")]
    [InlineData("2f040000000000000100", 512, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 2 out-512", "")]
    [InlineData("2f020000000000000100", 512, 0, "Good", "")]
    [InlineData("2f060000000000000800", 512, 0, "Good", "")]
    [InlineData("2f060000000000000800", 4096, 0, "IllegalRequest 1a/00 (parameter list length error) out-4096", "")]
    // WRITE SAME, UNMAP, COMPARE AND WRITE
    [InlineData("41000000000000000100", 512, 0, "Good", "")]
    [InlineData("41000000000000000100", 1024, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 7 out-1024", "")]
    [InlineData("41100000000000000100", 512, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 4 out-512", "")]
    [InlineData("93010000000000000000000000010000", 0, 0, "Good", "")]
    [InlineData("93000000000000000001000000000000", 512, 0, "Good", "")] // to the end
    [InlineData("42000000000000000000", 0, 0, "Good", "")]
    [InlineData("42000000000000000700", 7, 0, "IllegalRequest 1a/00 (parameter list length error) out-7", "")]
    [InlineData("42000000000000001800", 8, 0, "IllegalRequest 1a/00 (parameter list length error) out-8", "")]
    [InlineData("42000000000000001800", 24, 0, "Good", "")]
    [InlineData("42010000000000001800", 24, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 0 out-24", "")]
    [InlineData("89000000000000000000000000000000", 0, 0, "Good", "")]
    [InlineData("89000000000000000000000000010000", 1024, 0, "Good", "")]
    [InlineData("89000000000000000000000000010000", 512, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 13 out-512", "")]
    [InlineData("89000000000000000000000000110000", 17408, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 13 out-17408", "")]
    [InlineData("89000000000000000400000000010000", 1024, 0, "IllegalRequest 21/00 (logical block address out of range) out-1024", "")]
    // MODE SELECT
    [InlineData("150000000400", 4, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 4 out-4", "")]
    [InlineData("151100000400", 4, 0, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 0 out-4", "")]
    [InlineData("151000000300", 3, 0, "IllegalRequest 1a/00 (parameter list length error)", "")]
    [InlineData("151000000400", 4, 0, "Good", "")]
    // unknown
    [InlineData("ff000000000000000000000000000000", 0, 512, "IllegalRequest 20/00 (invalid command operation code), CDB byte 0 in-512", "")]
    [InlineData("83000000000000000000000000000000", 0, 0, "IllegalRequest 20/00 (invalid command operation code), CDB byte 0", "")]
    [InlineData("a31f0000000000000010000000000000", 0, 16, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 1 bit 4 in-16", "")]
    // REPORT SUPPORTED OPERATION CODES and TASK MANAGEMENT FUNCTIONS
    [InlineData("a30c012800000000004000000000", 0, 64, "Good in-50", "0003000A281AFFFFFFFF1FFFFF00")]
    [InlineData("a30c812800000000004000000000", 0, 64, "Good in-38", "0083000A281AFFFFFFFF1FFFFF00000A00000000000000000000")]
    [InlineData("a30c018300000000004000000000", 0, 64, "Good in-60", "00010000")]
    [InlineData("a30c019e00000000004000000000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 bit 2 in-64", "")]
    [InlineData("a30c029e00100000004000000000", 0, 64, "Good in-44", "000300109E10FFFFFFFFFFFFFFFFFFFFFFFF0100")]
    [InlineData("a30c022800000000004000000000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 bit 2 in-64", "")]
    [InlineData("a30c039e00110000004000000000", 0, 64, "Good in-60", "00010000")]
    [InlineData("a30c041200000000004000000000", 0, 64, "IllegalRequest 24/00 (invalid field in CDB), CDB byte 2 bit 2 in-64", "")]
    [InlineData("a30d00000000000000100000", 0, 16, "Good in-12", "DE070000")]
    [InlineData("a30d80000000000000100000", 0, 16, "Good", "DE07000C000000000000000000000000")]
    public void Command(string cdbHex, int dataOut, int dataIn, string outcome, string data)
    {
        var bed = new TestBed(options: Options);
        Cdb.TryRead(Convert.FromHexString(cdbHex), out var cdb);
        var task = bed.Do(cdb, new byte[dataOut], dataIn);
        Assert.Equal(outcome, task.Outcome);
        data = data.Replace(" ", "");
        var actual = Convert.ToHexString(task.DataIn);
        if (data.EndsWith('*')) Assert.StartsWith(data[..^1], actual);
        else Assert.Equal(data.PadRight(2 * dataIn, '0'), actual);
        Assert.Equal(0, bed.Port.Lent);
        Assert.Equal(0, bed.Disk.TaskCount);
        Assert.Equal(TaskState.Idle, task.State);
    }

    [Fact]
    public void Every_command_that_is_reported_is_there_and_no_other()
    {
        foreach (var thin in new[] { true, false })
        {
            var bed = new TestBed(store: thin ? new RamStore("r", 1024) : new NullStore("n", 1024));
            var all = bed.Do(Cdb.ReportSupportedOpcodes(65536), dataIn: 65536);
            Assert.Single(all.Outcomes);
            ReadOnlySpan<byte> rest = all.DataIn.AsSpan(4, (int)(65536 + all.DataInResidual - 4));
            var reported = new HashSet<(ScsiOpcode, int)>();
            while (SupportedOpcodes.TryTake(ref rest, out var opcode, out var action, out _)) Assert.True(reported.Add((opcode, action)));
            foreach (var info in CommandTable.All)
            {
                var one = bed.Do(Cdb.ReportSupportedOpcode(info.Opcode, 3, Math.Max(0, info.Action)), dataIn: 64);
                Assert.True(SupportedOpcodes.TryReadOne(one.DataIn, out var support, out _));
                Assert.Equal(reported.Contains((info.Opcode, info.Action)), support == SupportedOpcodes.Supported);
                Cdb.TryRead([(byte)info.Opcode, (byte)Math.Max(0, info.Action)], out var bare);
                var refused = bed.Do(bare).Sense;
                var unknown = refused.Additional == AdditionalSense.InvalidOpcode
                    || info.HasAction && refused.Additional == AdditionalSense.InvalidFieldInCdb && refused.Field?.Byte == 1;
                Assert.NotEqual(reported.Contains((info.Opcode, info.Action)), unknown);
            }
        }
    }

    [Fact]
    public void Device_identification_names_unit_port_and_device()
    {
        var bed = new TestBed(options: Options);
        var page = bed.Do(Cdb.InquiryVpd(VpdPage.DeviceIdentification, 512), dataIn: 512);
        Assert.True(VpdPage.TryBody(page.DataIn, VpdPage.DeviceIdentification, out var rest));
        var text = new List<string>();
        while (Designator.TryTake(ref rest, out var d, out var body))
            text.Add($"{d.Association}/{d.Type} {(d.CodeSet == Designator.Binary ? Convert.ToHexString(body) : System.Text.Encoding.UTF8.GetString(body).TrimEnd('\0'))}");
        Assert.Equal(["0/1 WEFT    RAM:S1", "1/4 00000001", "1/8 iqn.test:t,t,0x0001", "2/8 iqn.test:t"], text[1..]);
        Assert.StartsWith("0/3 3", text[0]);
        var again = new TestBed(options: Options).Do(Cdb.InquiryVpd(VpdPage.DeviceIdentification, 512), dataIn: 512);
        Assert.Equal(page.DataIn, again.DataIn);
        var own = new TestBed(options: Options with { Naa = (0x6001405AB0000000, 7) }).Do(Cdb.InquiryVpd(0x83, 24), dataIn: 24);
        Assert.Equal("010300106001405AB00000000000000000000007", Convert.ToHexString(own.DataIn.AsSpan(4)));
    }

    [Fact]
    public void Miscompare_tells_the_first_differing_byte_of_the_whole_command()
    {
        var bed = new TestBed(blocks: 4096, options: new() { MaxTransfer = 4096 });
        var data = TestBed.Pattern(300 * 512, 1); // three pieces of the front end's buffer
        Assert.Equal("Good", bed.Do(Cdb.Write10(0, 300), data).Outcome);
        Assert.Equal("Good", bed.Do(Cdb.Verify10(0, 300, 1), data).Outcome);
        data[150_003] ^= 1;
        Assert.Equal("Miscompare 1d/00 (miscompare during verify operation), information 150,003", bed.Do(Cdb.Verify10(0, 300, 1), data).Outcome);
        var pair = new byte[4 * 512];
        data.AsSpan(0, 1024).CopyTo(pair);
        pair[700] ^= 1;
        Assert.Equal("Miscompare 1d/00 (miscompare during verify operation), information 700", bed.Do(Cdb.CompareAndWrite(0, 2), pair).Outcome);
        pair[700] ^= 1;
        Assert.Equal("Good", bed.Do(Cdb.CompareAndWrite(0, 2), pair).Outcome);
        Assert.Equal(new byte[1024], bed.Do(Cdb.Read10(0, 2), dataIn: 1024).DataIn);
        Assert.Equal("Good", bed.Do(Cdb.Verify10(0, 2, 3), new byte[512]).Outcome);
        Assert.Equal("Miscompare 1d/00 (miscompare during verify operation), information 1,024", bed.Do(Cdb.Verify10(0, 3, 3), new byte[512]).Outcome);
    }

    [Fact]
    public void Unmap_lists_are_checked_before_anything_is_unmapped()
    {
        var bed = new TestBed(options: Options with { MaxUnmapBlocks = 100, MaxUnmapDescriptors = 2 });
        bed.Do(Cdb.Write10(0, 256), TestBed.Pattern(256 * 512, 1));
        Assert.Equal("IllegalRequest 21/00 (logical block address out of range)", Unmap(new(0, 10), new(1020, 5)));
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 32", Unmap(new(0, 60), new(100, 41)));
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 2", Unmap(new(0, 1), new(1, 1), new(2, 1)));
        Assert.Equal(256, bed.Store.QueryMapping(0, 256, out var mapped));
        Assert.True(mapped);
        Assert.Equal("Good", Unmap(new(8, 60), new(100, 0)));
        Assert.Equal("Good", Unmap());
        Assert.Equal(60, bed.Store.QueryMapping(8, 256, out mapped));
        Assert.False(mapped);
        var status = bed.Do(Cdb.GetLbaStatus(0, 8 + 3 * 16), dataIn: 8 + 3 * 16);
        Assert.Equal(3, LbaStatusDescriptor.Count(status.DataIn));
        LbaStatusDescriptor.TryRead(status.DataIn.AsSpan(24), out var second);
        Assert.Equal(new(8, 60, LbaStatusDescriptor.Deallocated), second);

        string Unmap(params UnmapDescriptor[] ranges)
        {
            var list = new byte[UnmapList.LengthFor(ranges.Length)];
            UnmapList.Write(list, ranges);
            return bed.Do(Cdb.Unmap((ushort)list.Length), list).Outcome;
        }
    }

    [Fact]
    public void A_limit_error_after_the_data_came_counts_the_data_as_moved()
    {
        var bed = new TestBed(options: Options with { MaxUnmapDescriptors = 0 });
        var list = new byte[UnmapList.LengthFor(1)];
        UnmapList.Write(list, [new(0, 1)]);
        Assert.Equal(0, bed.Do(Cdb.Unmap(24), list).DataOutResidual);
    }

    [Fact]
    public void Mode_select_changes_what_is_changeable_and_tells_the_others()
    {
        var bed = new TestBed(options: Options);
        var other = bed.Another(new());
        var page = new byte[4 + CachingPage.Length];
        new CachingPage(true).Write(page.AsSpan(4));
        Assert.Equal("Good", bed.Do(Cdb.ModeSelect6((byte)page.Length), page).Outcome);
        Assert.True(bed.Disk.IsWriteCacheOn);
        Assert.Equal("Good", bed.Do(Cdb.TestUnitReady()).Outcome);
        Assert.Equal("UnitAttention 2a/01 (mode parameters changed)", bed.Submit(TestTask.For(Cdb.TestUnitReady()), other).Outcome);
        Assert.Equal("Good", bed.Submit(TestTask.For(Cdb.TestUnitReady()), other).Outcome);
        page[4 + 12] = 0x20; // DRA is not changeable
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 16", bed.Do(Cdb.ModeSelect6((byte)page.Length), page).Outcome);
        page[4 + 12] = 0;
        page[4] |= 0x80;
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 4 bit 7", bed.Do(Cdb.ModeSelect6((byte)page.Length), page).Outcome);
        page[4] = 0x19;
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 4 bit 5", bed.Do(Cdb.ModeSelect6((byte)page.Length), page).Outcome);
        Assert.Equal("IllegalRequest 1a/00 (parameter list length error)", bed.Do(Cdb.ModeSelect6(20), ModeList(new CachingPage(false))[..20]).Outcome);
        Assert.True(bed.Disk.IsWriteCacheOn);
        bed.Manage(TaskManagementFunction.LogicalUnitReset);
        Assert.False(bed.Disk.IsWriteCacheOn);

        static byte[] ModeList(CachingPage caching)
        {
            var list = new byte[4 + CachingPage.Length];
            caching.Write(list.AsSpan(4));
            return list;
        }
    }

    [Fact]
    public void Software_write_protection_and_descriptor_sense_come_from_the_control_page()
    {
        var bed = new TestBed(options: Options);
        var list = new byte[8 + 8 + ControlPage.Length];
        new ModeHeader(0, 0, 0, 8).Write(list, ten: true);
        new BlockDescriptor(1024, 512).Write(list.AsSpan(8), false);
        new ControlPage(DescriptorSense: true, SoftwareWriteProtect: true).Write(list.AsSpan(16));
        Assert.Equal("Good", bed.Do(Cdb.ModeSelect10((ushort)list.Length), list).Outcome);
        var write = bed.Do(Cdb.Write10(0, 1), new byte[512]);
        Assert.Equal("DataProtect 27/02 (logical unit software write protected) out-512", write.Outcome);
        var sense = new byte[40];
        Assert.Equal(8, write.WriteSense(sense));
        Assert.Equal(0x72, sense[0]);
        var modes = bed.Do(Cdb.ModeSense6(0x0A), dataIn: 252);
        ModeHeader.TryRead(modes.DataIn, false, out var header);
        Assert.True(header.IsWriteProtected);
        Assert.True(ModePage.TryFind(modes.DataIn, false, ModePage.Control, 0, out var page) && ControlPage.TryRead(page, out var control) && control.DescriptorSense);
        new BlockDescriptor(1000, 512).Write(list.AsSpan(8), false);
        Assert.Equal("IllegalRequest 26/00 (invalid field in parameter list), parameter list byte 8", bed.Do(Cdb.ModeSelect10((ushort)list.Length), list).Outcome);
    }

    [Fact]
    public void Without_dpo_and_fua_the_bits_are_refused_and_not_reported()
    {
        var bed = new TestBed(options: Options with { HasDpoFua = false });
        foreach (var flags in new[] { BlockFlags.Dpo, BlockFlags.Fua, BlockFlags.FuaNv })
            Assert.StartsWith("IllegalRequest 24/00", bed.Do(Cdb.Read10(0, 1, flags), dataIn: 512).Outcome);
        var one = bed.Do(Cdb.ReportSupportedOpcode(ScsiOpcode.Read10), dataIn: 64);
        Assert.Equal(0, one.DataIn[5]);
    }

    [Theory]
    [InlineData(StoreStatus.ReadError, "MediumError 11/00 (unrecovered read error), information 7")]
    [InlineData(StoreStatus.WriteError, "MediumError 0c/00 (write error), information 7")]
    [InlineData(StoreStatus.NoSpace, "DataProtect 27/07 (space allocation failed write protect)")]
    [InlineData(StoreStatus.ReadOnly, "DataProtect 27/00 (write protected)")]
    [InlineData(StoreStatus.Failed, "HardwareError 44/00 (internal target failure)")]
    public void Back_end_errors_become_sense(StoreStatus status, string expected)
    {
        var bed = new TestBed(store: new BrokenStore(status));
        Assert.Equal(expected + " in-512", bed.Do(Cdb.Read10(7, 1), dataIn: 512).Outcome);
        Assert.Equal(expected + " out-512", bed.Do(Cdb.Write10(7, 1), new byte[512]).Outcome);
        Assert.Equal(expected, bed.Do(Cdb.SynchronizeCache10()).Outcome);
    }

    private sealed class BrokenStore(StoreStatus status) : BackStore("b", 1024, 512, null, default)
    {
        protected override void Perform(StoreRequest request) => (request.Status, request.Position) = (status, 7);
    }

    [Fact]
    public void A_failed_move_ends_the_command_with_the_front_ends_sense()
    {
        var bed = new TestBed();
        var task = TestTask.For(Cdb.Write10(0, 1), new byte[512]);
        task.FailsMove = true;
        Assert.Equal("AbortedCommand 4b/00 (data phase error) out-512", bed.Submit(task).Outcome);
        Assert.Equal(0, bed.Port.Lent);
    }

    [Fact]
    public void Forced_writes_reach_the_store_as_such()
    {
        var seen = new List<bool>();
        var bed = new TestBed(store: new SpyStore(seen), options: new() { WriteCache = true });
        bed.Do(Cdb.Write10(0, 1), new byte[512]);
        bed.Do(Cdb.Write10(0, 1, BlockFlags.Fua), new byte[512]);
        Assert.Equal([false, true], seen);
        seen.Clear();
        bed = new(store: new SpyStore(seen));
        bed.Do(Cdb.Write10(0, 1), new byte[512]);
        Assert.Equal([true], seen);
    }

    private sealed class SpyStore(List<bool> forced) : BackStore("s", 1024, 512, null, default)
    {
        protected override void Perform(StoreRequest request)
        {
            if (request.Operation == StoreOperation.Write) forced.Add(request.IsForced);
        }
    }
}
