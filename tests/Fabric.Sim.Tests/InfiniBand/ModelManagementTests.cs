using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>A manager whose packets do not cross the world, as one behind the management port, changes what the world's packets meet.</summary>
public sealed class ModelManagementTests
{
    [Fact]
    public void A_key_that_is_written_into_the_model_takes_effect_on_packets()
    {
        var rig = new SwitchedFabric(2);
        var (a, b) = (rig.Hosts[0], rig.Hosts[1]);
        a.Create(QpType.ReliableConnected);
        b.Create(QpType.ReliableConnected);
        a.Connect(b, retries: 1);
        b.Connect(a, retries: 1);
        a.Post(WorkOpcode.RdmaWrite, 100, b);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(a.Poll()).Status);

        Span<byte> mad = stackalloc byte[SmpMad.Length];
        var smp = new SmpMad(mad);
        smp.BeginLidRouted(MadMethod.Set, SmpAttribute.PKeyTable, 0, 1);
        SmpTables.SetPKey(smp.Data, 0, new(0x8005));
        Assert.Equal(AgentAction.Answer, SmaAgent.Handle(rig.Adapters[1].Model[1], smp, new(9), rig.World.Now));
        Assert.Equal(new PKey(0x8005), b.Device.QueryPKey(1, 0));

        a.Post(WorkOpcode.RdmaWrite, 100, b);
        rig.Run();
        Assert.Equal(CompletionStatus.RetryExceeded, Assert.Single(a.Poll()).Status);
    }
}
