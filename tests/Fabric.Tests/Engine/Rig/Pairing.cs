using Weft.Fabric.Engine;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine.Rig;

/// <summary>Two devices on one wire, with connected QPs.</summary>
internal sealed class Pairing
{
    public static readonly AccessFlags AllRemote = AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;

    public Pairing(QpType type = QpType.ReliableConnected, EngineLimits? limits = null, PathMtu mtu = PathMtu.Mtu256, bool connect = true, Setup? setup = null, int memorySize = 1 << 20)
    {
        Setup = setup ?? new();
        A = new(Executor, Wire, "A", 0x0A000001, mtu, limits ?? new(), memorySize);
        B = new(Executor, Wire, "B", 0x0A000002, mtu, limits ?? new(), memorySize);
        if (!connect) return;
        A.Qp = A.Domain.CreateQueuePair(Init(A, type));
        B.Qp = B.Domain.CreateQueuePair(Init(B, type));
        ToReady(A, B);
        ToReady(B, A);
    }

    public TestExecutor Executor { get; } = new();
    public TestWire Wire { get; } = new();
    public Setup Setup { get; }
    public Side A { get; }
    public Side B { get; }

    public QpInit Init(Side side, QpType type, ISharedReceiveQueue? srq = null) =>
        new(type, side.SendCq, side.ReceiveCq, srq, MaxSendWr: 256, MaxReceiveWr: 256, MaxSendSge: 4, MaxReceiveSge: 4, MaxInline: 512);

    public AddressVector Path(Side from, Side to) => new(from.Port.Gid, to.Port.Gid);

    public void ToInit(Side side) => Accept(side.Qp.Modify(new()
    {
        State = QpState.Init, Port = 1, Access = AllRemote, QKey = new(0x1234),
    }, QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex
        | (side.Qp.Type == QpType.UnreliableDatagram ? QpAttributeMask.QKey : QpAttributeMask.Access)));

    public void ToReceive(Side side, Side peer)
    {
        var mask = QpAttributeMask.State;
        if (side.Qp.Type != QpType.UnreliableDatagram)
            mask |= QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn;
        if (side.Qp.Type == QpType.ReliableConnected) mask |= QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer;
        Accept(side.Qp.Modify(new()
        {
            State = QpState.ReadyToReceive, AddressVector = Path(side, peer), PathMtu = side.Port.ActiveMtu, DestinationQpn = peer.Qp.Number,
            RqPsn = peer == A ? Setup.PsnOfA : Setup.PsnOfB, MaxDestRdAtomic = Setup.Resources, MinRnrTimer = Setup.RnrTimer,
        }, mask));
    }

    public void ToSend(Side side)
    {
        var mask = QpAttributeMask.State | QpAttributeMask.SqPsn;
        if (side.Qp.Type == QpType.ReliableConnected) mask |= QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry | QpAttributeMask.MaxRdAtomic;
        Accept(side.Qp.Modify(new()
        {
            State = QpState.ReadyToSend, SqPsn = side == A ? Setup.PsnOfA : Setup.PsnOfB, Timeout = Setup.Timeout, RetryCount = Setup.Retries,
            RnrRetry = Setup.RnrRetries, MaxRdAtomic = Setup.Depth,
        }, mask));
    }

    public void ToReady(Side side, Side peer)
    {
        ToInit(side);
        ToReceive(side, peer);
        ToSend(side);
    }

    /// <summary>Runs until nothing is under way and no timer is armed.</summary>
    public void Run(int steps = 2_000_000)
    {
        for (; steps > 0; steps--)
            if (!Wire.DeliverOne() && !Executor.RunOne() && !Executor.Leap()) return;
        Assert.Fail("still busy");
    }

    /// <summary>Runs what is under way without letting time pass.</summary>
    public void Settle()
    {
        while (Wire.DeliverOne() || Executor.RunOne())
        {
        }
    }

    public void ToError(Side side) => Accept(side.Qp.Modify(new() { State = QpState.Error }, QpAttributeMask.State));

    private static void Accept(VerbsError? error) => Assert.Null(error);
}

/// <summary>Numbers of a connection.</summary>
internal sealed record Setup
{
    public Psn PsnOfA { get; init; } = new(0x100);
    public Psn PsnOfB { get; init; } = new(0x900);
    public byte Timeout { get; init; } = 14;
    public byte Retries { get; init; } = 7;
    public byte RnrRetries { get; init; } = 7;
    public byte Depth { get; init; } = 4;
    public byte Resources { get; init; } = 4;
    public byte RnrTimer { get; init; } = 12;
}
