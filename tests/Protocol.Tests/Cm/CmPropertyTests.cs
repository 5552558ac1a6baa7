using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Cm;

public class CmPropertyTests
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(0x9F3A_21C0, 7).WithMaxTest(300);

    /// <summary>A typed property and the field of its name are the same bits: setting one is seen through the other, and nothing else moves.</summary>
    [Theory]
    [InlineData(typeof(CmReq))]
    [InlineData(typeof(CmMra))]
    [InlineData(typeof(CmRej))]
    [InlineData(typeof(CmRep))]
    [InlineData(typeof(CmRtu))]
    [InlineData(typeof(CmDreq))]
    [InlineData(typeof(CmDrep))]
    [InlineData(typeof(CmSidrReq))]
    [InlineData(typeof(CmSidrRep))]
    [InlineData(typeof(CmLap))]
    [InlineData(typeof(CmApr))]
    public void Every_field_has_a_property_that_reads_and_writes_its_bits(Type type) =>
        typeof(CmPropertyTests).GetMethod(nameof(CheckFields), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null);

    private static void CheckFields<T>() where T : struct, ICmMessage<T>
    {
        var random = new System.Random(5);
        foreach (var field in T.Table.Fields)
        {
            var property = typeof(T).GetProperty(field.Name);
            Assert.NotNull(property);
            if (field.Format is MadFieldFormat.Bytes) continue;
            for (var round = 0; round < 20; round++)
            {
                var body = new byte[CmBody.Length];
                random.NextBytes(body);
                Assert.True(T.TryRead(body, out var message));
                object boxed = default(T);
                property.SetValue(boxed, property.GetValue(message));
                var written = new byte[CmBody.Length];
                ((T)boxed).Write(written);
                var expected = new byte[CmBody.Length];
                field.Copy(body, expected);
                Assert.Equal(expected, written);
            }
        }
    }

    [Fact]
    public void Any_bytes_are_written_back_unchanged() =>
        Check.One(Repeatable, Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(), Gen.Choose((int)CmAttribute.Req, (int)CmAttribute.Apr).ToArbitrary(),
            (bytes, attribute) =>
            {
                var mad = new byte[256];
                CmMad.Header((CmAttribute)attribute, 1).Write(mad);
                bytes.AsSpan(0, Math.Min(bytes.Length, 232)).CopyTo(mad.AsSpan(24));
                return CmMessageTests.Rewrite(mad).AsSpan().SequenceEqual(mad);
            }));

    [Fact]
    public void The_mad_header_keeps_any_24_bytes() =>
        Check.One(Repeatable, Prop.ForAll(Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 24).ToArbitrary(), bytes =>
        {
            var target = new byte[24];
            return MadHeader.TryRead(bytes, out var header) && Written(header).SequenceEqual(bytes);

            ReadOnlySpan<byte> Written(MadHeader h)
            {
                h.Write(target);
                return target;
            }
        }));

    [Fact]
    public void The_rdma_cm_header_keeps_any_36_bytes() =>
        Check.One(Repeatable, Prop.ForAll(Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 36).ToArbitrary(), bytes =>
        {
            var target = new byte[36];
            if (!RdmaCmHeader.TryRead(bytes, out var header)) return false;
            header.Write(target);
            return target.AsSpan().SequenceEqual(bytes) && header.ToString().Length > 0;
        }));

    /// <summary>Fuzz: damaged captures and noise of any length are read or refused, and printed, without an exception.</summary>
    [Fact]
    public void No_bytes_make_the_readers_throw()
    {
        var random = new System.Random(1);
        var rounds = int.Parse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ROUNDS") ?? "20000");
        var corpus = CapturedCm.All;
        for (var i = 0; i < rounds; i++)
        {
            byte[] mad;
            if (i % 4 == 0)
            {
                mad = new byte[random.Next(0, 300)];
                random.NextBytes(mad);
            }
            else
            {
                mad = (byte[])corpus[random.Next(corpus.Count)].Mad.Clone();
                for (var n = random.Next(1, 12); n > 0; n--) mad[random.Next(mad.Length)] = (byte)random.Next(256);
                if (i % 16 == 1) mad = mad[..random.Next(mad.Length)];
            }
            _ = MadHeader.TryRead(mad, out var header);
            _ = header.ToString();
            _ = RdmaCmHeader.TryRead(mad, out var rdma);
            _ = (rdma.Check(), rdma.ToString());
            if (i % 8 == 0) Assert.NotEmpty(CmMad.Print(mad));
            if (CmMad.TryReadHeader(mad, out _, out _, out var violation)) Assert.Equal(mad, CmMessageTests.Rewrite(mad));
            else Assert.NotNull(violation);
        }
    }
}
