using Weft.Protocol.Scsi;

namespace Weft.Protocol.Tests.Scsi;

/// <summary>Readers against what LIO (Linux 6.1) answered in the iSER captures; writers against the same bytes where they can agree.</summary>
public class DataFormatTests
{
    private const string LioInquiry =
        "000006025bb800024c494f2d4f52472052414d4449534b2d4d43502020202020342e30200000000000000000000000000000000000000000000000a00960046004c0000000000000000000000000000000000000000000000000000000000000";
    private const string LioVpd83 =
        "0083008b010300106001405ab000000000000000000000000201001b4c494f2d4f52472052414d4449534b2d4d43503a6c61622d7230005194000400000001519500040000000001060004000000005398002069716e2e323032342d30312e6c61623a7461726765742c742c3078303030310053a8001869716e2e323032342d30312e6c61623a7461726765740000";
    private const string LioModes10 =
        "00460000000000080001ffff00000200010a0000000000000000000008120000000000000000000020000000000000000a0a021000400000ffff001e1c0a00000000000000000000";

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    [Fact]
    public void Standard_inquiry_of_a_Linux_target()
    {
        var bytes = Hex(LioInquiry);
        Assert.True(InquiryData.TryRead(bytes, out var data));
        Assert.Equal(("LIO-ORG", "RAMDISK-MCP", "4.0", 6, 0), (data.Vendor, data.Product, data.Revision, data.Version, data.DeviceType));
        Assert.True(data.IsQueued && data.IsThirdPartyCopy && !data.IsRemovable);
        Assert.Equal(3, data.PortGroups);
        Assert.Equal(InquiryData.Versions(0x00A0, 0x0960, 0x0460, 0x04C0), data.VersionsHigh);
        var back = new byte[InquiryData.Length];
        data.Write(back);
        bytes[3] |= 0x10; // we set HISUP, LIO does not
        bytes[5] &= 0x7F; // LIO sets SCCS (embedded storage array controller); we have none and keep no such bit
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(back));
    }

    [Fact]
    public void Designators_of_a_Linux_target_read_and_write_back()
    {
        var page = Hex(LioVpd83);
        Assert.True(VpdPage.TryBody(page, VpdPage.DeviceIdentification, out var rest));
        var seen = new List<(byte Association, byte Type, int Length)>();
        while (Designator.TryTake(ref rest, out var designator, out var body)) seen.Add((designator.Association, designator.Type, body.Length));
        Assert.Equal([(0, 3, 16), (0, 1, 27), (1, 4, 4), (1, 5, 4), (0, 6, 4), (1, 8, 32), (2, 8, 24)], seen);

        var built = new byte[256];
        var at = VpdPage.Length;
        at += Designator.WriteNaa16(built.AsSpan(at), 0x6001405ab0000000, 0);
        at += 4 + 27; // LIO ends its vendor text with a NUL, which SPC-4 does not
        Hex(LioVpd83).AsSpan(24, 31).CopyTo(built.AsSpan(24));
        at += Designator.WritePortNumber(built.AsSpan(at), Designator.Iscsi, Designator.RelativeTargetPort, 1);
        at += Designator.WritePortNumber(built.AsSpan(at), Designator.Iscsi, Designator.TargetPortGroup, 0);
        Hex("0106000400000000").CopyTo(built, at);
        at += 8;
        at += Designator.WriteName(built.AsSpan(at), Designator.Iscsi, Designator.OfPort, "iqn.2024-01.lab:target,t,0x0001");
        at += Designator.WriteName(built.AsSpan(at), Designator.Iscsi, Designator.OfDevice, "iqn.2024-01.lab:target");
        new VpdPage(0, VpdPage.DeviceIdentification, (ushort)(at - 4)).Write(built);
        Assert.Equal(LioVpd83, Convert.ToHexString(built.AsSpan(0, at)).ToLowerInvariant());
    }

    [Fact]
    public void Short_pages_and_lists_of_a_Linux_target()
    {
        Assert.True(VpdPage.TryBody(Hex("0000000800808386b0b1b2b3"), VpdPage.SupportedPages, out var codes));
        Assert.Equal("00808386B0B1B2B3", Convert.ToHexString(codes));
        Assert.True(VpdPage.TryReadSerial(Hex("008000076c61622d723000"), out var serial));
        Assert.Equal("lab-r0", serial);
        Assert.True(BlockLimits.TryRead(Hex("00b0001001010008000000f8000000f800000000"), out var limits)); // SBC-2 length
        Assert.Equal(new BlockLimits(true, 1, 8, 0xF8, 0xF8), limits);
        Assert.True(BlockCharacteristics.TryRead(Hex("00b1003c0001" + new string('0', 116)), out var kind));
        Assert.Equal(BlockCharacteristics.NonRotating, kind.RotationRate);
        Assert.True(Provisioning.TryRead(Hex("00b2000400000000"), out var thin));
        Assert.Equal(default, thin);
        Assert.True(ReadCapacity10Data.TryRead(Hex("0001ffff00000200"), out var ten));
        Assert.Equal(new(0x1FFFF, 512), ten);
        Assert.True(ReadCapacity16Data.TryRead(Hex("000000000001ffff000002000003000000000000000000000000000000000000"), out var sixteen));
        Assert.Equal(new(0x1FFFF, 512, PhysicalExponent: 3), sixteen);
        Assert.True(LunList.TryRead(Hex("00000008000000000000000000000000"), out var present, out var total));
        Assert.Equal((1, 1, 0), (present, total, LunList.Entry(Hex("00000008000000000000000000000000"), 0).Number));
    }

    [Fact]
    public void Mode_pages_of_a_Linux_target()
    {
        var data = Hex(LioModes10);
        Assert.True(ModeHeader.TryRead(data, ten: true, out var header));
        Assert.Equal(new(0x46, 0, 0, 8), header);
        Assert.True(BlockDescriptor.TryRead(data.AsSpan(8), isLong: false, out var size));
        Assert.Equal(new(0x1FFFF, 512), size);
        Assert.True(ModePage.TryFind(data, true, ModePage.Caching, 0, out var caching));
        Assert.True(CachingPage.TryRead(caching, out var cache));
        Assert.Equal(new(WriteCache: false, NoReadAhead: true), cache);
        Assert.True(ModePage.TryFind(data, true, ModePage.Control, 0, out var control));
        Assert.True(ControlPage.TryRead(control, out var page));
        Assert.Equal(new(SelfTestSeconds: 30), page);
        Assert.True(ModePage.TryFind(data, true, ModePage.InformationalExceptions, 0, out var exceptions));
        Assert.Equal(12, exceptions.Length);
        Assert.False(ModePage.TryFind(data, true, ModePage.PowerCondition, 0, out _));

        var (a, b) = (new byte[CachingPage.Length], new byte[ControlPage.Length]);
        cache.Write(a);
        page.Write(b);
        Assert.Equal(Convert.ToHexString(caching), Convert.ToHexString(a));
        Assert.Equal(Convert.ToHexString(control), Convert.ToHexString(b));
    }

    [Fact]
    public void Mode_pages_are_taken_one_by_one_and_found_in_cut_data()
    {
        ReadOnlySpan<byte> rest = Hex(LioModes10).AsSpan(16);
        var codes = new List<int>();
        while (ModePage.TryTake(ref rest, out var page, out var whole))
        {
            codes.Add(page.Code);
            Assert.Equal(page.TotalLength, whole.Length);
        }
        Assert.Equal([0x01, 0x08, 0x0A, 0x1C], codes);
        Assert.True(rest.IsEmpty);
        Assert.True(ModePage.TryFind(Hex(LioModes10).AsSpan(0, 31), true, ModePage.Caching, 0, out var cut));
        Assert.Equal("081200", Convert.ToHexString(cut));
        Assert.True(ModePage.TryRead(Hex("4a01001c"), out var sub));
        Assert.Equal(new(0x0A, 1, true, false, 0x1C), sub);
        var back = new byte[4];
        sub.Write(back);
        Assert.Equal("4A01001C", Convert.ToHexString(back));
    }

    [Fact]
    public void Every_page_reads_back_what_was_written()
    {
        var random = new Random(3);
        var bytes = new byte[128];
        bool Flip() => random.Next(2) == 0;
        for (var i = 0; i < 2000; i++)
        {
            random.NextBytes(bytes);
            var limits = new BlockLimits(Flip(), (byte)random.Next(256), (ushort)random.Next(65536), (uint)random.Next(), (uint)random.Next(),
                (uint)random.Next(), (uint)random.Next(), (uint)random.Next(), (uint)random.Next(), Flip(), (uint)random.Next(), (ulong)random.NextInt64());
            limits.Write(bytes);
            Assert.True(BlockLimits.TryRead(bytes, out var limitsBack));
            Assert.Equal(limits, limitsBack);

            var extended = new ExtendedInquiry(Flip(), Flip(), Flip(), Flip(), Flip(), Flip(), Flip(), (ushort)random.Next(65536), (byte)random.Next(256));
            extended.Write(bytes);
            Assert.True(ExtendedInquiry.TryRead(bytes, out var extendedBack));
            Assert.Equal(extended, extendedBack);

            var kind = new BlockCharacteristics((ushort)random.Next(65536), (byte)random.Next(16), (byte)random.Next(256));
            kind.Write(bytes);
            Assert.True(BlockCharacteristics.TryRead(bytes, out var kindBack));
            Assert.Equal(kind, kindBack);

            var thin = new Provisioning(Flip(), Flip(), Flip(), Flip(), Flip(), (byte)random.Next(8));
            thin.Write(bytes);
            Assert.True(Provisioning.TryRead(bytes, out var thinBack));
            Assert.Equal(thin, thinBack);

            var capacity = new ReadCapacity16Data((ulong)random.NextInt64(), (uint)random.Next(), (byte)random.Next(16), Flip(), Flip(), (ushort)random.Next(0x4000), Flip());
            capacity.Write(bytes);
            Assert.True(ReadCapacity16Data.TryRead(bytes, out var capacityBack));
            Assert.Equal(capacity, capacityBack);

            var control = new ControlPage((byte)random.Next(8), Flip(), Flip(), (byte)random.Next(16), (byte)random.Next(4), Flip(), Flip(), (ushort)random.Next(65536), (ushort)random.Next(65536));
            control.Write(bytes);
            Assert.True(ControlPage.TryRead(bytes, out var controlBack));
            Assert.Equal(control, controlBack);

            var status = new LbaStatusDescriptor((ulong)random.NextInt64(), (uint)random.Next(), (byte)random.Next(16));
            status.Write(bytes);
            Assert.True(LbaStatusDescriptor.TryRead(bytes, out var statusBack));
            Assert.Equal(status, statusBack);

            var header = new ModeHeader((ushort)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (ushort)random.Next(256));
            foreach (var ten in new[] { false, true })
            {
                header.Write(bytes, ten);
                Assert.True(ModeHeader.TryRead(bytes, ten, out var headerBack));
                Assert.Equal(header, headerBack);
            }
        }
    }

    [Fact]
    public void Unmap_lists_are_whole_descriptors_only()
    {
        var bytes = new byte[UnmapList.LengthFor(2)];
        UnmapDescriptor[] ranges = [new(1, 2), new(0x0102030405060708, 9)];
        Assert.Equal(40, UnmapList.Write(bytes, ranges));
        Assert.Equal("00260020000000000000000000000001000000020000000001020304050607080000000900000000", Convert.ToHexString(bytes));
        Assert.True(UnmapList.TryRead(bytes, out var count));
        Assert.Equal((2, ranges[1]), (count, UnmapList.Entry(bytes, 1)));
        Assert.True(UnmapList.TryRead(bytes.AsSpan(0, 39), out count)); // the list ends inside the second
        Assert.Equal(1, count);
        bytes[3] = 0x1F; // the field says 31 bytes
        Assert.True(UnmapList.TryRead(bytes, out count));
        Assert.Equal(1, count);
        Assert.False(UnmapList.TryRead(bytes.AsSpan(0, 7), out _));
    }

    [Theory]
    [InlineData(0, "0000000000000000")]
    [InlineData(255, "00FF000000000000")]
    [InlineData(256, "4100000000000000")]
    [InlineData(16383, "7FFF000000000000")]
    public void Lun_numbers_use_the_addressing_that_Linux_uses(int number, string hex)
    {
        var bytes = new byte[8];
        Lun.From(number).Write(bytes);
        Assert.Equal(hex, Convert.ToHexString(bytes));
        Assert.Equal(number, Lun.Read(bytes).Number);
    }

    [Theory]
    [InlineData("4005000000000000", 5)] // flat addressing of a small number
    [InlineData("0105000000000000", -1)] // bus 1
    [InlineData("8005000000000000", -1)]
    [InlineData("C101000000000000", -1)] // REPORT LUNS well-known unit
    [InlineData("0005000100000000", -1)] // second level
    public void Other_forms_of_lun(string hex, int expected) => Assert.Equal(expected, Lun.Read(Convert.FromHexString(hex)).Number);

    [Fact]
    public void Supported_operation_codes_read_back()
    {
        var bytes = new byte[4096];
        foreach (var timeouts in new[] { false, true })
        {
            var at = SupportedOpcodes.HeaderLength;
            foreach (var info in CommandTable.All) at += SupportedOpcodes.WriteDescriptor(bytes.AsSpan(at), info, timeouts);
            Assert.Equal(SupportedOpcodes.LengthForAll(CommandTable.All.Count, timeouts), at);
            ReadOnlySpan<byte> rest = bytes.AsSpan(SupportedOpcodes.HeaderLength..at);
            foreach (var info in CommandTable.All)
            {
                Assert.True(SupportedOpcodes.TryTake(ref rest, out var opcode, out var action, out var size));
                Assert.Equal((info.Opcode, info.Action, info.Size), (opcode, action, size));
            }
            Assert.True(rest.IsEmpty);
        }
        var one = CommandTable.Find(ScsiOpcode.Read10, 0)!;
        Assert.Equal(14, SupportedOpcodes.WriteOne(bytes, one, one.Usage, false));
        Assert.Equal("0003000A28FAFFFFFFFF1FFFFF00", Convert.ToHexString(bytes.AsSpan(0, 14)));
        Assert.True(SupportedOpcodes.TryReadOne(bytes.AsSpan(0, 14), out var support, out var usage));
        Assert.Equal((SupportedOpcodes.Supported, 10), (support, usage.Length));
    }
}
