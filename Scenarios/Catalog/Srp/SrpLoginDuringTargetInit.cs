using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Cm;
using Weft.Protocol.Srp;
using Weft.Scenarios.Runner;
using Weft.Target.Srp;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>A login comes in the middle of the target's start: before it listens, before it has units, before it is enabled.</summary>
internal sealed class SrpLoginDuringTargetInit : Scenario
{
    public override string Name => "srp-login-during-target-init";
    public override string Claim => "A login in the middle of the target's start is refused cleanly or finds the whole target; the next one works.";
    public override string Source => "historical-races 5 (SCST 47183f2b1)";
    public override IReadOnlyList<Setting> Settings { get; } = [CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch, ChoiceKind.Fault), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = SrpTargetNode.Add(world, new() { IsStarted = false });
        var ledger = new SrpLedger(target);
        var initiator = world.AddInitiator();
        target.Open();
        var isEnabled = false;
        SrpScene.Do(target.Host, "listen", 4, target.Listen);
        SrpScene.Do(target.Host, "enable", 40, () =>
        {
            target.AddUnits();
            target.Software.Enable();
            isEnabled = true;
        });
        var (session, problem) = (default(SrpSession), "");
        try
        {
            session = await initiator.LoginAsync(target.Address(), SrpScene.Persistent);
        }
        catch (LoginException refused)
        {
            problem = refused.Message;
        }
        var luns = session is null ? -1 : await CountLunsAsync(world, session);
        await world.World.Until(() => isEnabled && target.SrpPort!.IsListening, "the target to be up");
        world.World.CloseOrder();
        world.Saw(session is not null ? "let in" : ledger.Refusals.Count > 0 ? "refused: not enabled yet" : "refused: nobody listens");
        var isRefused = ledger.Refusals.Count > 0 && world.Network.CountsMessages(ledger.Refusals.Count, 1) && ledger.Refusals.TrueForAll(r => r == SrpLoginRejectReason.InsufficientResources);
        var isClean = session is not null || isRefused || problem.Contains(nameof(CmRejReason.InvalidServiceId), StringComparison.Ordinal) || world.Network.MayCutConnections;
        world.Claim(isClean, "clean-answer", Source, $"the login is let in, refused with reason 0x10001, or finds no listener; it ended with: {problem}");
        if (session is null)
        {
            var second = world.AddInitiator("second");
            luns = await CountLunsAsync(world, await world.ClaimLogin(() => second.LoginAsync(target.Address(), SrpScene.Persistent), "next-login", Source, afterRefusals: true));
        }
        world.Claim(luns == 1, "whole-target", Source, $"a session that is let in finds the unit, and found {luns}");
        await world.World.Delay(Duration.FromSeconds(10));
        ledger.ClaimBalance(world, Source);
    }

    private async Task<int> CountLunsAsync(ScenarioWorld world, SrpSession session)
    {
        var luns = 0;
        await world.ClaimDone(async () => luns = (await session.ListLunsAsync()).Count, "luns", Source, afterRefusals: true);
        return luns;
    }
}
