using Weft.Protocol.Iscsi.Login;
using Weft.Target.Sessions;

namespace Weft.Scenarios.Live;

/// <summary>Tells a person what initiators do, a line each.</summary>
internal sealed class ServeLog(TargetHost host, Action<string> print) : TargetObserver
{
    public override void LoginRefused(TargetConnection connection, TargetLogin login) =>
        Print($"login refused: {login.Identity?.InitiatorName ?? "no name"}: {login.Status}{(login.Violation is { } violation ? $" ({violation})" : "")}");

    public override void LoginSlotsExhausted(string portal) => Print($"{portal}: too many logins at once, one was turned away");
    public override void SessionOpened(Session session) => Print($"{session}: logged in");
    public override void SessionClosed(Session session) => Print($"{session}: closed");

    public override void ConnectionClosing(TargetConnection connection, CloseReason reason, Violation? violation)
    {
        if (violation is not null) Print($"connection dropped: {violation}");
    }

    private void Print(string text) => print($"{host.Executor.Now} {text}");
}
