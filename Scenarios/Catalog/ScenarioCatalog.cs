using Weft.Scenarios.Catalog.Srp;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>Every scenario there is.</summary>
public static class ScenarioCatalog
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new AbortVsCompletion(),
        new AcceptFails(),
        new BeaconPostFails(),
        new CqLeftOvers(),
        new CreditBeforeSendCompletion(),
        new DisconnectLiveRead(),
        new DoubleDisconnect(),
        new DrainNotLast(),
        new DreqWhileClosing(),
        new DropAll30S(),
        new EstablishedDuringTeardown(),
        new IserBasic(),
        new IserMixed(),
        new LoginBeforeEstablished(),
        new LoginFlood(),
        new NopPoolEmpty(),
        new NopTimeoutWithIo(),
        new Partitions(),
        new PathFailover(),
        new PKeyRemoved(),
        new PostAfterDrain(),
        new QpCreateNoMem(),
        new QpnReuseInTimewait(),
        new ReinstatementDoubleClose(),
        new ReloginUnderIo(),
        new ResetUnderIo(),
        new RpingScenario(),
        new RtuLostCommEst(),
        new SendWhileReconnecting(),
        new SmFailoverUnderIo(),
        new SmTrapStorm(),
        new SpineDies(),
        new SrpAbortVsCompletion(),
        new SrpAcceptFails(),
        new SrpBasic(),
        new SrpCablePullPartialRdma(),
        new SrpCablePullThenUnload(),
        new SrpCommandBeforeRtu(),
        new SrpCompletionLaterThanTimer(),
        new SrpCreditBeforeSendCompletion(),
        new SrpDisableVsRelogin(),
        new SrpLastWqeBeforeReset(),
        new SrpLoginDuringTargetInit(),
        new SrpLoginDuringTargetRemoval(),
        new SrpLogoutQpUseAfterFree(),
        new SrpReloginFlushStorm(),
        new SrpSrqExhaustion(),
        new SrpTimewaitExitBeforePoll(),
        new SrpWaitListKeepsOrder(),
        new StaleConnectionNoNop(),
        new StaleConnectionReject(),
        new UnreachableInsteadOfEstablished(),
        new WindowOverrun(),
    ];

    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>Says that there is no such scenario, and which one may have been meant.</summary>
    public static string Unknown(string name)
    {
        var nearest = All.MinBy(s => Distance(s.Name, name));
        return $"there is no scenario '{name}'" + (nearest is null ? "" : $"; did you mean '{nearest.Name}'? `weft list` shows all {All.Count}");
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = next;
            }
        }
        return row[^1];
    }
}
