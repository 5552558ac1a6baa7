using Weft.Protocol.Scsi;

namespace Weft.Protocol.Tests.Scsi;

public class SenseTests
{
    /// <summary>Sense data of LIO (Linux 6.1), 96 bytes long on the wire, zeros at the end.</summary>
    [Theory]
    [InlineData("700005000000000a0000000020000000000000000000", "IllegalRequest 20/00 (invalid command operation code)")]
    [InlineData("700005000000000a0000000021000000000000000000", "IllegalRequest 21/00 (logical block address out of range)")]
    [InlineData("700006000000000a0000000029030000000000000000", "UnitAttention 29/03 (bus device reset function occurred)")]
    public void What_a_Linux_target_sends_is_read(string hex, string expected)
    {
        var bytes = new byte[96];
        Convert.FromHexString(hex).CopyTo(bytes, 0);
        Assert.True(Sense.TryRead(bytes, out var sense));
        Assert.Equal(expected, sense.ToString());
    }

    public static TheoryData<Sense, string, string> Encoded => new()
    {
        { Sense.InvalidOpcode, "70 00 05 00000000 0a 00000000 20 00 00 c00000", "72 05 20 00 000000 08 0206 0000 c00000 00" },
        { Sense.InvalidCdb(2, 5), "70 00 05 00000000 0a 00000000 24 00 00 cd0002", "72 05 24 00 000000 08 0206 0000 cd0002 00" },
        { Sense.InvalidParameter(0x123), "70 00 05 00000000 0a 00000000 26 00 00 800123", "72 05 26 00 000000 08 0206 0000 800123 00" },
        {
            new(SenseKey.Miscompare, AdditionalSense.Miscompare, 0x204),
            "f0 00 0e 00000204 0a 00000000 1d 00 00 000000", "72 0e 1d 00 000000 0c 000a 8000 0000000000000204"
        },
        {
            new(SenseKey.MediumError, AdditionalSense.UnrecoveredReadError, 0x1_0000_0000, IsDeferred: true), // does not fit the fixed format
            "71 00 03 00000000 0a 00000000 11 00 00 000000", "73 03 11 00 000000 0c 000a 8000 0000000100000000"
        },
    };

    [Theory, MemberData(nameof(Encoded))]
    public void Both_formats_are_as_the_standard_lays_them_out(Sense sense, string fixedHex, string descriptorHex)
    {
        foreach (var (hex, descriptor) in new[] { (fixedHex, false), (descriptorHex, true) })
        {
            var expected = Convert.FromHexString(hex.Replace(" ", ""));
            var bytes = new byte[64];
            Array.Fill(bytes, (byte)0xEE);
            Assert.Equal(expected.Length, sense.Write(bytes, descriptor));
            Assert.Equal(expected, bytes[..expected.Length]);
            Assert.Equal(0xEE, bytes[expected.Length]);
        }
    }

    [Fact]
    public void Every_sense_reads_back_from_descriptors_and_as_far_as_it_fits_from_the_fixed_format()
    {
        var random = new Random(2);
        var bytes = new byte[Sense.MaxDescriptorLength];
        for (var i = 0; i < 5000; i++)
        {
            var sense = new Sense((SenseKey)random.Next(16), new((byte)random.Next(256), (byte)random.Next(256)),
                random.Next(2) == 0 ? null : (ulong)random.NextInt64() >> random.Next(64),
                random.Next(2) == 0 ? null : new(random.Next(2) == 0, (ushort)random.Next(65536), (sbyte)random.Next(-1, 8)),
                random.Next(2) == 0 ? null : 1 + ((ulong)random.NextInt64() >> random.Next(64)), random.Next(2) == 0);
            Assert.True(Sense.TryRead(bytes.AsSpan(0, sense.Write(bytes, descriptor: true)), out var back));
            Assert.Equal(sense, back);
            Assert.True(Sense.TryRead(bytes.AsSpan(0, sense.Write(bytes)), out back));
            var fits = sense with
            {
                Information = sense.Information > uint.MaxValue ? null : sense.Information,
                CommandSpecific = sense.CommandSpecific > uint.MaxValue ? null : sense.CommandSpecific,
            };
            Assert.Equal(fits, back);
        }
    }

    [Fact]
    public void Cut_sense_gives_what_is_there()
    {
        var bytes = new byte[18];
        Sense.InvalidCdb(3).Write(bytes);
        Assert.False(Sense.TryRead(bytes.AsSpan(0, 2), out _));
        Assert.True(Sense.TryRead(bytes.AsSpan(0, 8), out var sense));
        Assert.Equal(new(SenseKey.IllegalRequest, AdditionalSense.None), sense);
        Assert.True(Sense.TryRead(bytes.AsSpan(0, 14), out sense));
        Assert.Equal(AdditionalSense.InvalidFieldInCdb, sense.Additional);
        Assert.False(Sense.TryRead(new byte[18], out _));
    }

    [Fact]
    public void Names_are_sorted_and_found()
    {
        for (var i = 1; i < AdditionalSenseNames.All.Count; i++)
        {
            var (a, b) = (AdditionalSenseNames.All[i - 1], AdditionalSenseNames.All[i]);
            Assert.True((a.Code << 8 | a.Qualifier) < (b.Code << 8 | b.Qualifier), b.Name);
        }
        foreach (var row in AdditionalSenseNames.All) Assert.Equal(row.Name, AdditionalSenseNames.Find(new(row.Code, row.Qualifier)));
        Assert.Equal("fe/12", new AdditionalSense(0xFE, 0x12).ToString());
    }
}
