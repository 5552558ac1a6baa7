using Weft.Protocol.Scsi;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Scsi;

/// <summary>Arbitrary and mutated bytes through every reader: no exception, no endless walk.</summary>
public class ScsiFuzzTests
{
    /// <summary>Answers of LIO (Linux 6.1) from the iSER captures, and layouts of our own.</summary>
    private static readonly byte[][] Corpus =
    [
        Convert.FromHexString("0083008b010300106001405ab000000000000000000000000201001b4c494f2d4f52472052414d4449534b2d4d43503a6c61622d723000519400040000000151950004"),
        Convert.FromHexString("00460000000000080001ffff00000200010a0000000000000000000008120000000000000000000020000000000000000a0a021000400000ffff001e1c0a00000000000000000000"),
        Convert.FromHexString("720e1d0000000020000a80000000000000000204010a000000000000000000010206000" + "0cd000200"),
        Convert.FromHexString("00260020000000000000000000000001000000020000000001020304050607080000000900000000"),
        Convert.FromHexString("0000002ca30000000003000c00000000000000000000000028000000000000000a9e0000100001001093000000000000109300000000000010"),
        Convert.FromHexString("00b0001001010001fffffff8fffffff800000000"),
        Convert.FromHexString("00b2000400000000"),
        Convert.FromHexString("f0000e00000204" + "0a000000001d00000000"+"00"),
        Convert.FromHexString("9e100000000000000000000000200000"),
        Convert.FromHexString("a30c029e001000000040000000000000"),
        Convert.FromHexString("00000010000000000000000000000000400a000000000000"),
        new byte[256],
    ];

    [Fact]
    public void No_reader_throws_on_any_bytes() => Fuzzer.Run(Corpus, Read);

    private static void Read(ReadOnlySpan<byte> bytes)
    {
        if (Cdb.TryRead(bytes, out var cdb))
        {
            _ = (cdb.Lba, cdb.Blocks, cdb.ByteCount, cdb.Direction, cdb.Size);
            if (cdb.Info is { } info) cdb.TryFindUndefinedBit(info.Usage, out _, out _);
            Assert.NotEmpty(cdb.ToString());
            Span<byte> back = stackalloc byte[16];
            cdb.Write(back);
            Assert.True(back[..Math.Min(16, bytes.Length)].SequenceEqual(bytes[..Math.Min(16, bytes.Length)]));
        }
        if (Sense.TryRead(bytes, out var sense)) Assert.NotEmpty(sense.ToString());
        InquiryData.TryRead(bytes, out _);
        VpdPage.TryReadSerial(bytes, out _);
        foreach (byte code in (ReadOnlySpan<byte>)[0x00, 0x80, 0x83, 0x86, 0xB0, 0xB1, 0xB2]) VpdPage.TryBody(bytes, code, out _);
        if (VpdPage.TryBody(bytes, VpdPage.DeviceIdentification, out var names)) Walk(names);
        Walk(bytes);
        ExtendedInquiry.TryRead(bytes, out _);
        BlockLimits.TryRead(bytes, out _);
        BlockCharacteristics.TryRead(bytes, out _);
        Provisioning.TryRead(bytes, out _);
        ReadCapacity10Data.TryRead(bytes, out _);
        ReadCapacity16Data.TryRead(bytes, out _);
        if (LunList.TryRead(bytes, out var present, out _))
            for (var i = 0; i < present; i++) _ = LunList.Entry(bytes, i).Number;
        if (UnmapList.TryRead(bytes, out var ranges))
            for (var i = 0; i < ranges; i++) UnmapList.Entry(bytes, i);
        for (var i = LbaStatusDescriptor.Count(bytes) - 1; i >= 0; i--)
            Assert.True(LbaStatusDescriptor.TryRead(bytes[(LbaStatusDescriptor.HeaderLength + i * LbaStatusDescriptor.Length)..], out _));
        foreach (var ten in (ReadOnlySpan<bool>)[false, true])
        {
            ModePage.TryFind(bytes, ten, ModePage.Caching, 0, out var page);
            CachingPage.TryRead(page, out _);
            ModePage.TryFind(bytes, ten, ModePage.Control, 0, out page);
            ControlPage.TryRead(page, out _);
            ModePage.TryFind(bytes, ten, ModePage.InformationalExceptions, 0, out page);
            InformationalExceptionsPage.TryRead(page, out _);
        }
        BlockDescriptor.TryRead(bytes, true, out _);
        BlockDescriptor.TryRead(bytes, false, out _);
        SupportedOpcodes.TryReadOne(bytes, out _, out _);
    }

    private static void Walk(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var steps = 0;
        while (Designator.TryTake(ref rest, out _, out _)) Assert.True(++steps <= bytes.Length);
        rest = bytes;
        steps = 0;
        while (ModePage.TryTake(ref rest, out _, out _)) Assert.True(++steps <= bytes.Length);
        rest = bytes;
        steps = 0;
        while (SupportedOpcodes.TryTake(ref rest, out _, out _, out _)) Assert.True(++steps <= bytes.Length);
    }
}
