using System.Text;
using Weft.Protocol.Cm;

namespace Weft.Protocol.Tests.Cm;

public class CmStatesTests
{
    /// <summary>The approved text is the documentation of the state machine; a change of an edge is a change of that file.</summary>
    [Fact]
    public void Every_state_and_input_is_as_approved()
    {
        var text = new StringBuilder("# State, input -> next state: actions; notice. Inputs that a state does not name change nothing.\n");
        foreach (var state in Enum.GetValues<CmState>())
        {
            text.Append('\n').Append(state).Append('\n');
            foreach (var input in Enum.GetValues<CmInput>())
            {
                if (CmStates.Find(state, input) is not { } edge) continue;
                text.Append($"  {input,-16} -> {edge.To,-16}{(edge.Actions == 0 ? "" : $" {edge.Actions}")}");
                if (edge.Notice != CmNoticeKind.None) text.Append($"; {edge.Notice}");
                text.Append('\n');
            }
        }
        var path = Path.Combine(CapturedCm.DataDirectory(), "..", "Protocol.Tests", "Cm", "Approved", "CmStates.txt");
        var actual = string.Join('\n', text.ToString().Split('\n').Select(l => l.TrimEnd()));
        if (!File.Exists(path) || File.ReadAllText(path) != actual)
        {
            File.WriteAllText(Path.ChangeExtension(path, ".received.txt"), actual);
            Assert.Fail($"differs from {Path.GetFileName(path)}; see CmStates.received.txt beside it");
        }
    }

    [Fact]
    public void Every_state_but_the_last_can_be_left_and_destroyed()
    {
        foreach (var state in Enum.GetValues<CmState>())
        {
            Assert.NotNull(CmStates.Find(state, CmInput.Destroy));
            if (state != CmState.Closed) Assert.Contains(CmStates.Edges, e => e.From == state && e.To != state);
        }
    }

    /// <summary>A state in which a timer runs has an edge for its end, so no deadline is ever without effect.</summary>
    [Fact]
    public void A_state_entered_with_a_timer_knows_what_to_do_when_it_fires()
    {
        foreach (var edge in CmStates.Edges)
        {
            if ((edge.Actions & (CmActions.StartTimer | CmActions.RetryTimer | CmActions.ExtendTimer)) != 0)
            {
                Assert.NotNull(CmStates.Find(edge.To, CmInput.Retransmit));
                Assert.NotNull(CmStates.Find(edge.To, CmInput.GiveUp));
            }
            if (edge.To == CmState.TimeWait && edge.From != CmState.TimeWait) Assert.True(edge.Actions.HasFlag(CmActions.TimeWaitTimer), edge.ToString());
            var waits = CmStates.Find(edge.From, CmInput.GiveUp) is not null || edge.From == CmState.TimeWait;
            var stillWaits = CmStates.Find(edge.To, CmInput.GiveUp) is not null || edge.To == CmState.TimeWait;
            if (waits && !stillWaits) Assert.True(edge.Actions.HasFlag(CmActions.StopTimer), edge.ToString());
        }
    }
}
