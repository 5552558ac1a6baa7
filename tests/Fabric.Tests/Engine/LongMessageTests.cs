using Weft.Fabric.Engine.Queues;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Tests.Engine;

/// <summary>
/// Messages whose PSNs turn round: the longest, 2^31 bytes, takes half of the PSN space with the smallest MTU. Its memory is one
/// small piece that a fast-registration region names again and again. IBA Vol 1 §9.7.7, §9.7.2.1.
/// </summary>
public class LongMessageTests
{
    private const int PieceLength = 1 << 23;

    private static (IMemoryRegion Region, byte[] Piece) Register(Side side, int pieces, byte fill)
    {
        var piece = new byte[PieceLength];
        piece.AsSpan().Fill(fill);
        var region = side.Domain.AllocateFastRegistration(pieces);
        Assert.Null(region.SetSegments([.. Enumerable.Repeat<Memory<byte>>(piece, pieces)]));
        Assert.Null(side.Qp.PostSend(new()
        {
            Opcode = WorkOpcode.RegisterMemory, Region = region, RemoteAddress = 0, Key = region.RKey,
            Access = AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite,
        }, []));
        return (region, piece);
    }

    [LongTheory, InlineData(WorkOpcode.RdmaWrite), InlineData(WorkOpcode.RdmaRead)]
    public void Longest_message(WorkOpcode opcode)
    {
        var rig = new Pairing(limits: new() { ReadFlight = 1 << 16, ReadResponseBurst = 1 << 10 }, memorySize: 4096, setup: new() { PsnOfA = new(0xFF_0000), Depth = 1 });
        rig.Wire.IsLogging = false;
        var (a, pieceA) = Register(rig.A, 256, 1);
        var (b, pieceB) = Register(rig.B, 256, 2);
        Assert.Equal(Segmentation.MaxMessage, a.Length);
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = opcode, Id = 1, Flags = SendFlags.Signaled, RemoteAddress = 0, Key = b.RKey }, [new(0, Segmentation.MaxMessage, a.LKey)]));
        rig.A.Post(WorkOpcode.RdmaRead, 2, 0, 8, rig.B);
        while (rig.Wire.DeliverOne() || rig.Executor.RunOne())
        {
        }
        Assert.Equal([(1UL, CompletionStatus.Success), (2UL, CompletionStatus.Success)], rig.A.Sent().Select(c => (c.Id, c.Status)));
        Assert.Equal((QpState.ReadyToSend, 0L), (rig.B.Qp.State, rig.A.Hca.Counters.Retransmissions));
        Assert.True(pieceA.AsSpan().SequenceEqual(pieceB));
    }

    [Fact]
    public void One_byte_more_is_refused()
    {
        var rig = new Pairing(memorySize: 4096);
        Assert.Equal(VerbsErrorCode.MessageTooLong, rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.RdmaWrite }, [new(0, 0x8000_0001, default)])!.Code);
    }

    [Fact]
    public void Place_in_a_message_is_counted_without_sign()
    {
        var wqe = new SendWqe { FirstPsn = new(0xFF_FF00), PacketCount = 1 << 23 };
        Assert.Equal(0U, wqe.IndexOf(new(0xFF_FF00)));
        Assert.Equal((1U << 23) - 1, wqe.IndexOf(wqe.EndPsn - 1));
        Assert.False(wqe.IsDone(wqe.FirstPsn));
        Assert.False(wqe.IsDone(wqe.EndPsn - 1));
        Assert.True(wqe.IsDone(wqe.EndPsn));
    }

    /// <summary>Millions of packets: half a minute without optimisation.</summary>
    private sealed class LongTheoryAttribute : TheoryAttribute
    {
        public LongTheoryAttribute()
        {
            if (Environment.GetEnvironmentVariable("WEFT_LONG_TESTS") != "1") Skip = "moves 8 million packets; set WEFT_LONG_TESTS=1";
        }
    }
}
