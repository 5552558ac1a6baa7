using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Catalog;

/// <summary>
/// A READ is an RDMA WRITE and a SEND. The target disconnects at any moment of it: each half comes back on its own, well or flushed, and
/// the read's context is in use until both have.
/// </summary>
internal sealed class DisconnectLiveRead : Scenario
{
    private static readonly Setting Reads = new("reads", 1, 1, 32, "reads", "Reads under way.");
    private static readonly Setting Size = new("size", 8192, 512, 262144, "bytes", "Bytes of each, in blocks of 512.");

    public override string Name => "disconnect-live-read";
    public override string Claim => "A disconnect between the two halves of a READ frees it once, after both have come back.";
    public override string Source => "RFC 7145 7.3.2; historical-races 19 (SCST and tgt iSER targets)";
    public override IReadOnlyList<Setting> Settings { get; } = [Reads, Size, CommonSettings.Window with { Default = 300 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var scene = await IserScene.BeginAsync(world);
        var blocks = (uint)(world.Settings.Get(Size) / IserScene.BlockLength);
        var content = new byte[blocks * IserScene.BlockLength];
        for (var i = 0; i < content.Length; i++) content[i] = (byte)(i * 7 + 1);
        scene.Target.Stores[0].Write(0, content);

        var came = 0;
        var halves = scene.Target.Host.Port.Count("RDMA WRITE or SEND", Wire.Packet(o => (o.IsWrite || o.IsSend) && o.EndsMessage));
        // The moment: as soon as the first acknowledgement of the answer or the command itself is there, or at the start, and a little later.
        var moment = world.World.Chooser.Choose(3, new(ChoiceKind.Fault, "operator"));
        var isDue = true;
        void Close(bool isNow)
        {
            if (!isNow || !isDue) return;
            isDue = false;
            scene.DoAtTarget("operator", 1, Disconnect);
        }
        world.OnArrival(scene.Target.Host, Wire.Packet(o => o.IsSend), () => Close(moment == 1));
        world.OnArrival(scene.Target.Host, Wire.Packet(o => o.IsAcknowledge), () =>
        {
            Close(moment == 0);
            came++;
        });
        Close(moment == 2);
        void Disconnect()
        {
            world.Saw(halves.Matched == 0 ? "disconnected before the data left" : $"disconnected with {Math.Min(came, halves.Matched)} of {halves.Matched} halves acknowledged");
            scene.Connection.Close(CloseReason.Administrative);
        }
        var reads = new List<Checks.CommandLedger.Entry>();
        for (var i = 0; i < world.Settings.Get(Reads); i++) reads.Add(scene.Commands.Submit(scene.Disk, Cdb.Read(0, blocks), new byte[content.Length]));
        await scene.GoneAsync();

        foreach (var read in reads)
        {
            world.Saw(read.IsGood ? "read answered" : "read cut off");
            world.Claim(read.IsGood || NetworkConduct.IsCutOff(read), "outcome", Source,
                $"a read is answered with GOOD or cut off, and ended with {read.Outcome} {read.Status}");
            world.Claim(!read.IsGood || read.Data.Span.SequenceEqual(content), "data", "SBC-3 4.2", "an answered read has its data");
        }
        await scene.ClaimFreedOnceAsync(Source);
    }
}
