using Weft.Protocol.Srp;
using Weft.Target.Sessions;
using Weft.Target.Srp;

namespace Weft.Scenarios.Live;

/// <summary>Tells a person what SRP initiators do, a line each.</summary>
internal sealed class SrpServeLog(SrpTarget target, Action<string> print) : SrpObserver
{
    public override void LoginRefused(string initiator, SrpLoginRequest? login, SrpLoginRejectReason reason) =>
        Print($"srp login refused: {initiator}: 0x{(uint)reason:x} {reason}{(login is { } of ? $" (i_port_id 0x{of.InitiatorPort}, t_port_id 0x{of.TargetPort}, it_iu_len {of.MaxInitiatorToTargetLength})" : "")}");

    public override void ChannelLive(SrpChannel channel) => Print($"{channel}: logged in{(channel.UsesImmediateData ? ", immediate data" : "")}");

    public override void ChannelClosing(SrpChannel channel, CloseReason reason) => Print($"{channel}: closing, {reason}");

    public override void CompletionOverdue(SrpChannel channel) => Print($"{channel}: no completion for {target.Options.CompletionTimeout}");

    public override void ChannelReleased(SrpChannel channel) => Print($"{channel}: closed");

    private void Print(string text) => print($"{target.Executor.Now} {text}");
}
