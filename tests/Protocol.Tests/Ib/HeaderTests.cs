using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Ib;

namespace Weft.Protocol.Tests.Ib;

public sealed class HeaderTests
{
    private delegate bool Reader<T>(ReadOnlySpan<byte> source, out T value);
    private delegate void Writer<T>(T value, Span<byte> target);

    /// <summary>Any bytes that can be read come out the same; anything shorter is refused; the bytes behind are left alone.</summary>
    private static void BytesSurvive<T>(int length, Reader<T> read, Writer<T> write, Action<byte[]>? make = null) =>
        Prop.ForAll(Gen.Choose(0, 255).Select(i => (byte)i).ArrayOf(length).ToArbitrary(), source =>
        {
            make?.Invoke(source);
            Assert.True(read(source, out var value));
            var target = new byte[length + 8];
            target.AsSpan().Fill(0xA5);
            write(value, target);
            Assert.Equal(source, target[..length]);
            Assert.All(target[length..], b => Assert.Equal(0xA5, b));
            for (var i = 0; i < length; i++) Assert.False(read(source.AsSpan(0, i), out _));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bth_bytes_survive() => BytesSurvive<Bth>(Bth.Length, Bth.TryRead, (h, t) => h.Write(t), s => s[1] &= 0xF0);
    [Fact]
    public void Deth_bytes_survive() => BytesSurvive<Deth>(Deth.Length, Deth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Reth_bytes_survive() => BytesSurvive<Reth>(Reth.Length, Reth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Aeth_bytes_survive() => BytesSurvive<Aeth>(Aeth.Length, Aeth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void AtomicEth_bytes_survive() => BytesSurvive<AtomicEth>(AtomicEth.Length, AtomicEth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void AtomicAckEth_bytes_survive() => BytesSurvive<AtomicAckEth>(AtomicAckEth.Length, AtomicAckEth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void ImmDt_bytes_survive() => BytesSurvive<ImmDt>(ImmDt.Length, ImmDt.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Ieth_bytes_survive() => BytesSurvive<Ieth>(Ieth.Length, Ieth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Xrceth_bytes_survive() => BytesSurvive<Xrceth>(Xrceth.Length, Xrceth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Rdeth_bytes_survive() => BytesSurvive<Rdeth>(Rdeth.Length, Rdeth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Feth_bytes_survive() => BytesSurvive<Feth>(Feth.Length, Feth.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Lrh_bytes_survive() => BytesSurvive<Lrh>(Lrh.Length, Lrh.TryRead, (h, t) => h.Write(t));
    [Fact]
    public void Grh_bytes_survive() => BytesSurvive<Grh>(Grh.Length, Grh.TryRead, (h, t) => h.Write(t), s => s[0] = (byte)(0x60 | s[0] & 15));

    [Fact]
    public void Bth_fields_stand_where_the_specification_puts_them()
    {
        Assert.True(Bth.TryRead(Convert.FromHexString("16F08001C1ABCDEF81123456"), out var bth));
        Assert.Equal(new Bth(BthOpcode.RcSendLastInvalidate, new(0x8001), new(0xABCDEF), new(0x123456), Solicited: true, AckRequest: true, PadCount: 3,
            MigReq: true, Fecn: true, Becn: true, Reserved8a: 1, Reserved7: 1), bth);
    }

    [Fact]
    public void Bth_of_another_transport_version_is_refused() => Assert.False(Bth.TryRead(Convert.FromHexString("0401FFFF0000000100000000"), out _));

    [Fact]
    public void Grh_of_another_version_is_refused() => Assert.False(Grh.TryRead(new byte[40], out _));

    [Fact]
    public void Feth_fields()
    {
        Assert.True(Feth.TryRead([0, 0, 0, 0x2A], out var feth));
        Assert.Equal((10, 2), (feth.PlacementType, feth.Selectivity));
    }

    [Fact]
    public void Aeth_kinds()
    {
        Assert.Equal((AethKind.Ack, 31), (Aeth.Ack(1).Kind, Aeth.Ack(1).Code));
        Assert.Equal((0x62, AethKind.Nak), (Aeth.Nak(NakCode.RemoteAccessError, 1).Syndrome, Aeth.Nak(NakCode.RemoteAccessError, 1).Kind));
        Assert.Equal((0x2C, AethKind.RnrNak, 12), (Aeth.RnrNak(12, 0).Syndrome, Aeth.RnrNak(12, 0).Kind, Aeth.RnrNak(12, 0).Code));
    }
}
