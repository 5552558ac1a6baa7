using System.Runtime.CompilerServices;
using System.Text;
using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>Modify QP: the table against its approved text, and a real QP against the table. IBA Vol 1 §10.3.1.</summary>
public class QpStateTests
{
    private static readonly QpAttributeMask[] Attributes = [.. Enum.GetValues<QpAttributeMask>().Where(m => m is not (QpAttributeMask.None or QpAttributeMask.State))];

    [Fact]
    public void Table_is_as_approved()
    {
        var text = new StringBuilder();
        foreach (var type in Enum.GetValues<QpType>())
        {
            text.Append(type).Append('\n');
            foreach (var from in Enum.GetValues<QpState>())
                foreach (var to in Enum.GetValues<QpState>())
                    text.Append($"  {from} -> {to}: ").Append(
                        !QpTransitions.TryFind(type, from, to, out var edge) ? "refused" : $"requires {edge.Required}; admits {edge.Optional}").Append('\n');
        }
        var path = Path.Combine(SourceFolder(), "..", "Approved", "QpTransitions.txt");
        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    public static TheoryData<QpType, QpState, QpState> Pairs()
    {
        var data = new TheoryData<QpType, QpState, QpState>();
        foreach (var type in Enum.GetValues<QpType>())
            foreach (var from in Enum.GetValues<QpState>())
                foreach (var to in Enum.GetValues<QpState>())
                    if (from != QpState.SendQueueError || type != QpType.ReliableConnected) data.Add(type, from, to);
        return data;
    }

    /// <summary>With the required attributes, and with all admitted, the QP moves; with one missing or one more it stays as it was.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public void Queue_pair_follows_the_table(QpType type, QpState from, QpState to)
    {
        if (!QpTransitions.TryFind(type, from, to, out var edge))
        {
            var (rig, qp) = InState(type, from);
            var before = qp.Query();
            Assert.Equal(VerbsErrorCode.InvalidState, qp.Modify(Given(rig, from, to), QpAttributeMask.State)!.Code);
            Assert.Equal(before, qp.Query());
            return;
        }
        foreach (var mask in new[] { edge.Required, edge.Required | edge.Optional })
        {
            var (rig, qp) = InState(type, from);
            Assert.Null(qp.Modify(Given(rig, from, to), mask | QpAttributeMask.State));
            Assert.Equal(to, qp.State);
        }
        foreach (var attribute in Attributes)
        {
            var bad = (edge.Required & attribute) != 0 ? edge.Required & ~attribute : (edge.Optional & attribute) != 0 ? edge.Required : edge.Required | attribute;
            if (bad == edge.Required) continue;
            var (rig, qp) = InState(type, from);
            var before = qp.Query();
            Assert.Equal(VerbsErrorCode.InvalidAttribute, qp.Modify(Given(rig, from, to), bad | QpAttributeMask.State)!.Code);
            Assert.Equal(before, qp.Query());
        }
    }

    [Fact]
    public void Values_out_of_range_are_refused_whole()
    {
        var (rig, qp) = InState(QpType.ReliableConnected, QpState.SendQueueDrained);
        var good = Given(rig, QpState.SendQueueDrained, QpState.SendQueueDrained);
        var before = qp.Query();
        Refused(good with { Timeout = 32 }, QpAttributeMask.Timeout | QpAttributeMask.RetryCount);
        Refused(good with { RetryCount = 8 }, QpAttributeMask.RetryCount);
        Refused(good with { RnrRetry = 8 }, QpAttributeMask.RnrRetry);
        Refused(good with { MinRnrTimer = 32 }, QpAttributeMask.MinRnrTimer);
        Refused(good with { MaxRdAtomic = 129 }, QpAttributeMask.MaxRdAtomic);
        Refused(good with { MaxDestRdAtomic = 129 }, QpAttributeMask.MaxDestRdAtomic);
        Refused(good with { Port = 2 }, QpAttributeMask.Port);
        Refused(good with { Port = 0 }, QpAttributeMask.Port);
        Refused(good with { PKeyIndex = 1 }, QpAttributeMask.PKeyIndex);
        Refused(good with { AddressVector = good.AddressVector with { SourceGid = new(1, 2) } }, QpAttributeMask.AddressVector);
        Refused(good with { AddressVector = good.AddressVector with { PortNumber = 3 } }, QpAttributeMask.AddressVector);

        void Refused(QpAttributes attributes, QpAttributeMask mask)
        {
            Assert.Equal(VerbsErrorCode.InvalidAttribute, qp.Modify(attributes, mask)!.Code);
            Assert.Equal(before, qp.Query());
        }
    }

    [Fact]
    public void Path_mtu_beyond_the_port_is_refused()
    {
        var (rig, qp) = InState(QpType.ReliableConnected, QpState.Init);
        var given = Given(rig, QpState.Init, QpState.ReadyToReceive) with { PathMtu = PathMtu.Mtu512 };
        QpTransitions.TryFind(QpType.ReliableConnected, QpState.Init, QpState.ReadyToReceive, out var edge);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, qp.Modify(given, edge.Required | QpAttributeMask.State)!.Code);
    }

    [Theory]
    [InlineData(QpState.Reset, VerbsErrorCode.InvalidState, VerbsErrorCode.InvalidState)]
    [InlineData(QpState.Init, VerbsErrorCode.InvalidState, null)]
    [InlineData(QpState.ReadyToReceive, VerbsErrorCode.InvalidState, null)]
    [InlineData(QpState.ReadyToSend, null, null)]
    [InlineData(QpState.SendQueueDrained, null, null)]
    [InlineData(QpState.Error, null, null)]
    public void Posting_depends_on_the_state(QpState state, VerbsErrorCode? send, VerbsErrorCode? receive)
    {
        var (rig, qp) = InState(QpType.ReliableConnected, state);
        Assert.Equal(receive, qp.PostReceive(1, [rig.A.Sge(0, 10)])?.Code);
        Assert.Equal(send, qp.PostSend(new() { Opcode = WorkOpcode.Send, Id = 2, Flags = SendFlags.Signaled }, [rig.A.Sge(0, 10)])?.Code);
        rig.Settle();
        var expected = state == QpState.Error ? CompletionStatus.Flushed : (CompletionStatus?)null;
        Assert.Equal(expected, rig.A.Received().Select(c => (CompletionStatus?)c.Status).SingleOrDefault());
        Assert.Equal(expected, rig.A.Sent().Select(c => (CompletionStatus?)c.Status).SingleOrDefault());
    }

    [Fact]
    public void Reset_forgets_all_requests_without_completions()
    {
        var (rig, qp) = InState(QpType.ReliableConnected, QpState.SendQueueDrained);
        Assert.Null(qp.PostReceive(1, [rig.A.Sge(0, 10)]));
        Assert.Null(qp.PostSend(new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, []));
        Assert.Null(qp.Modify(new() { State = QpState.Reset }, QpAttributeMask.State));
        rig.ToReady(rig.A, rig.B);
        rig.Run();
        Assert.Empty(rig.A.Sent());
        Assert.Empty(rig.A.Received());
        Assert.Empty(rig.Wire.Log);
    }

    private static (Pairing Rig, IQueuePair Qp) InState(QpType type, QpState state)
    {
        var rig = new Pairing(type, connect: false, memorySize: 4096);
        rig.A.Qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, type));
        rig.B.Qp = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, type));
        if (state == QpState.Reset) return (rig, rig.A.Qp);
        rig.ToInit(rig.A);
        if (state == QpState.Init) return (rig, rig.A.Qp);
        rig.ToReceive(rig.A, rig.B);
        if (state == QpState.ReadyToReceive) return (rig, rig.A.Qp);
        rig.ToSend(rig.A);
        if (state == QpState.SendQueueError)
        {
            // A request whose memory is not there.
            var request = new SendRequest { Opcode = WorkOpcode.Send, AddressHandle = rig.A.Domain.CreateAddressHandle(rig.Path(rig.A, rig.B)) };
            Assert.Null(rig.A.Qp.PostSend(request, [new(1, 1, new(0x77))]));
            rig.Settle();
            rig.A.Sent();
        }
        else if (state != QpState.ReadyToSend) Assert.Null(rig.A.Qp.Modify(new() { State = state }, QpAttributeMask.State));
        Assert.Equal(state, rig.A.Qp.State);
        return (rig, rig.A.Qp);
    }

    private static QpAttributes Given(Pairing rig, QpState from, QpState to) => new()
    {
        State = to, CurrentState = from, Port = 1, AddressVector = rig.Path(rig.A, rig.B), PathMtu = PathMtu.Mtu256, DestinationQpn = rig.B.Qp.Number,
        Timeout = 31, RetryCount = 7, RnrRetry = 7, MaxRdAtomic = 128, MaxDestRdAtomic = 128, MinRnrTimer = 31, RqPsn = new(5), SqPsn = new(6),
        Access = Pairing.AllRemote, QKey = new(9),
    };
}
