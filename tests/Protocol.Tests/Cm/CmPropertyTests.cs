using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Cm;
using Weft.Protocol.Mad;
using Weft.Protocol.Tests.Fuzz;

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

    /// <summary>Damaged captures and noise of any length are read or refused, and printed, without an exception.</summary>
    [Fact]
    public void No_bytes_make_the_readers_throw()
    {
        var n = 0;
        Fuzzer.Run([.. CapturedCm.All.Select(c => c.Mad)], Fuzzer.Iterations, mad =>
        {
            _ = MadHeader.TryRead(mad, out var header);
            _ = RdmaCmHeader.TryRead(mad, out var rdma);
            _ = rdma.Check();
            if (++n % 16 == 0)
            {
                Assert.NotEmpty(CmMad.Print(mad));
                Assert.NotEmpty(header.ToString());
                Assert.NotEmpty(rdma.ToString());
            }
            if (!CmMad.TryReadHeader(mad, out _, out _, out var violation)) Assert.NotNull(violation);
            else if (!CmMessageTests.Rewrite(mad).AsSpan().SequenceEqual(mad)) Assert.Fail("not written back unchanged");
        }, maxLength: 300);
    }
}
