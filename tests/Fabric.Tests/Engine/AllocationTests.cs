using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>Once warm, packets and work requests allocate nothing.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(WorkOpcode.Send, 5, false)]
    [InlineData(WorkOpcode.Send, 3000, true)]
    [InlineData(WorkOpcode.RdmaWrite, 3000, false)]
    [InlineData(WorkOpcode.RdmaRead, 3000, true)]
    [InlineData(WorkOpcode.FetchAdd, 8, true)]
    public void Steady_state_allocates_nothing(WorkOpcode opcode, int length, bool lossy)
    {
        var rig = new Pairing();
        rig.Wire.IsLogging = false;
        if (lossy) rig.Wire.Policy = s => ((uint)s.Index * 2654435761U) >> 27 == 3 ? Fate.Drop : Fate.Deliver;
        Sge[] from = [rig.A.Sge(0, length)], to = [rig.B.Sge(100_000, length)];
        var request = new SendRequest { Opcode = opcode, Flags = SendFlags.Signaled, RemoteAddress = rig.B.Region.Address + 4096, Key = rig.B.Region.RKey };
        var polled = new WorkCompletion[8];
        void Round(int times)
        {
            for (var done = 0; done < times;)
            {
                for (var i = 0; i < 4; i++)
                {
                    if (opcode == WorkOpcode.Send && rig.B.Qp.PostReceive(1, to) is not null) throw new InvalidOperationException();
                    if (rig.A.Qp.PostSend(request, from) is not null) throw new InvalidOperationException();
                }
                for (var got = 0; got < 4; got += rig.A.SendCq.Poll(polled))
                    if (!rig.Wire.DeliverOne() && !rig.Executor.RunOne()) rig.Executor.Leap();
                rig.B.ReceiveCq.Poll(polled);
                done += 4;
            }
        }
        Round(400);
        var packets = rig.A.Hca.Counters.PacketsSent;
        var allocated = Steady.AllocatedBytes(() => Round(2000));
        Assert.InRange(rig.A.Hca.Counters.PacketsSent - packets, 2000, long.MaxValue);
        Assert.Equal(lossy, rig.A.Hca.Counters.Retransmissions > 0);
        Assert.Equal(0, allocated);
    }
}
