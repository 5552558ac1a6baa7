using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>Each operation once, on a wire without faults, for lengths around the MTU.</summary>
public class BasicTransferTests
{
    public static TheoryData<int> Lengths => [0, 1, 3, 4, 255, 256, 257, 511, 512, 513, 5000, 70_001];

    [Theory, MemberData(nameof(Lengths))]
    public void Send_arrives_whole(int length)
    {
        var rig = new Pairing();
        rig.B.Receive(7, 200_000, 100_000);
        rig.A.Post(WorkOpcode.Send, 1, 1000, length);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
        var received = Assert.Single(rig.B.Received());
        Assert.Equal((7UL, CompletionStatus.Success, CompletionOpcode.Receive, (uint)length), (received.Id, received.Status, received.Opcode, received.ByteLength));
        Assert.True(rig.A.Bytes(1000, length).SequenceEqual(rig.B.Bytes(200_000, length)));
        Assert.Equal(0, rig.Wire.Pool.Outstanding);
        Assert.Empty(rig.Executor.ArmedTimers);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Write_arrives_whole(int length)
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 1000, length, rig.B, 300_000);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
        Assert.Empty(rig.B.Received());
        Assert.True(rig.A.Bytes(1000, length).SequenceEqual(rig.B.Bytes(300_000, length)));
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Write_with_immediate_completes_a_receive(int length)
    {
        var rig = new Pairing();
        rig.B.Receive(9, 0, 0);
        rig.A.Post(WorkOpcode.RdmaWriteWithImmediate, 1, 1000, length, rig.B, 300_000, immediate: 0xCAFE_F00D);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
        var received = Assert.Single(rig.B.Received());
        Assert.Equal((9UL, CompletionOpcode.ReceiveRdmaWithImmediate, (uint)length, CompletionFlags.WithImmediate, 0xCAFE_F00D),
            (received.Id, received.Opcode, received.ByteLength, received.Flags, received.ImmediateOrKey));
        Assert.True(rig.A.Bytes(1000, length).SequenceEqual(rig.B.Bytes(300_000, length)));
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Read_fetches_whole(int length)
    {
        var rig = new Pairing();
        rig.A.Post(WorkOpcode.RdmaRead, 1, 400_000, length, rig.B, 5000);
        rig.Run();
        var sent = Assert.Single(rig.A.Sent());
        Assert.Equal((CompletionStatus.Success, CompletionOpcode.RdmaRead, (uint)length), (sent.Status, sent.Opcode, sent.ByteLength));
        Assert.True(rig.B.Bytes(5000, length).SequenceEqual(rig.A.Bytes(400_000, length)));
        Assert.Equal(0, rig.Wire.Pool.Outstanding);
    }
}
