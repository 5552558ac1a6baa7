using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Cm;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog.Srp;

/// <summary>The queue pair cannot be brought up, so accept fails: receives that were posted come back flushed while the error path cleans up.</summary>
internal sealed class SrpAcceptFails : Scenario
{
    private static readonly Setting Failures = new("failures", 1, 1, 30, "accepts", "So many accepts fail, one after the other.");

    public override string Name => "srp-accept-fails";
    public override string Claim => "A channel whose accept fails is refused and cleaned up once; the next login works.";
    public override string Source => "IBA 10.3.1; historical-races 8 (SCST 183ef8273, 0498de210, b235efb8d)";
    public override IReadOnlyList<Setting> Settings { get; } = [Failures, CommonSettings.Window with { Default = 500, Maximum = 100_000 }, .. CommonSettings.Links];

    public override OrderOptions Order(Settings settings) =>
        OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery, ChoiceKind.Dispatch), new(settings.Get(CommonSettings.Window)));

    public override async Task RunAsync(ScenarioWorld world)
    {
        var failures = (int)world.Settings.Get(Failures);
        Faults.RefusingDevice? refusing = null;
        var target = SrpTargetNode.Add(world, new() { Host = new() { Wrap = device => refusing = new(device) { RefusalsLeft = failures } } });
        var ledger = new SrpLedger(target);
        var initiator = world.AddInitiator();
        for (var attempts = 1; refusing!.Refused < failures; attempts++)
        {
            var problem = "";
            try
            {
                await (await initiator.LoginAsync(target.Address(), SrpScene.Persistent)).LogoutAsync();
            }
            catch (LoginException refused)
            {
                problem = refused.Message;
            }
            // the connection manager refuses by itself when it cannot bring the queue pair up, and then has no SRP_LOGIN_REJ to give
            world.Claim(problem.Contains(nameof(CmRejReason.ConsumerDefined), StringComparison.Ordinal) || world.Network.HasMeddled, "refused", Source,
                $"the login is refused by the target, and ended with: {problem}");
            world.Claim(world.Network.CountsMessages(refusing.Refused, attempts), "accept-refused", Source, $"each of {attempts} logins was a failed accept, and {refusing.Refused} were");
        }
        await world.World.Until(() => ledger.Released >= failures, "the failed channels to go", NetworkConduct.Patience);
        world.World.CloseOrder();
        world.Claim(refusing.Refused == failures, "accept-refused", Source, $"{failures} accepts failed, and {refusing.Refused} did");
        ledger.ClaimBalance(world, Source);
        var session = await world.ClaimLogin(() => initiator.LoginAsync(target.Address(), SrpScene.Persistent), "next-login", Source, afterRefusals: true);
        world.Claim(world.Network.LivesOn(session) || world.Network.MayRefuseLate && session.State != SessionState.Closed, "next-login", Source, $"the next login works, and the session is {session.State}");
        await world.ClaimDone(() => session.OpenDisk(0).TestUnitReadyAsync(), "next-login", Source, afterRefusals: true);
    }
}
