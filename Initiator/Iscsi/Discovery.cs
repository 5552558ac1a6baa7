using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Initiator.Iscsi;

/// <summary>A discovery session: log in, SendTargets, log out. RFC 7143 §4.3, appendix C.</summary>
internal class Discovery(InitiatorHost host, IpEndpoint portal, SessionOptions options, Isid isid) : IConnectionOwner
{
    private const int MaxNameLength = 223; // RFC 7143 §4.2.7.1
    private readonly Completion<ConnectionLoss> released = new(host.Lane, $"discovery at {portal}");
    private readonly TextAssembler text = new(1 << 20);
    private readonly List<DiscoveredTarget> targets = [];
    private bool isComplete;

    /// <summary>One attempt. The list is valid if the loss returned says logged out.</summary>
    public async ValueTask<(IReadOnlyList<DiscoveredTarget>? Targets, ConnectionLoss Loss)> RunAsync()
    {
        var connection = host.CreateConnection(this, new($"discovery {portal}", portal, new(host.Name, KeyPolicy.OpenIscsiDiscovery())
        {
            InitiatorAlias = host.Alias, Isid = isid, FirstCmdSn = new(1), Chap = options.Chap, AuthenticationOptional = options.AuthenticationOptional,
        }, options));
        connection.Start();
        var loss = await released.Task;
        return (isComplete ? targets : null, loss);
    }

    void IConnectionOwner.OnLoggedIn(IscsiConnection connection)
    {
        if (!connection.SendText("SendTargets=All\0"u8, TaskTag.Reserved)) connection.Lose(new(LossKind.Dropped, "no buffer to ask with"));
    }

    void IConnectionOwner.OnText(IscsiConnection connection, in TextResponsePdu response, ReadOnlySpan<byte> part)
    {
        if (text.Append(part) is { } violation)
        {
            connection.Lose(new(LossKind.ProtocolError, violation.ToString()));
        }
        else if (!response.Final || response.Continue)
        {
            if (!connection.SendText(default, response.TargetTransferTag)) connection.Lose(new(LossKind.Dropped, "no buffer to ask on with"));
        }
        else
        {
            isComplete = TryParse();
            connection.LogOut();
        }
    }

    private bool TryParse()
    {
        string? name = null;
        var hasAddress = true;
        var reader = new TextKeyReader(text.Text);
        while (reader.MoveNext())
        {
            if (reader.Current.Is("TargetName"u8))
            {
                if (!hasAddress) targets.Add(new(name!, portal, -1)); // no address means this one
                name = reader.Current.Value.Length <= MaxNameLength ? reader.Current.ValueText : null;
                hasAddress = name is null;
            }
            else if (reader.Current.Is("TargetAddress"u8) && name is not null && PortalAddress.TryParse(reader.Current.ValueText, out var at, out var tag))
            {
                targets.Add(new(name, at, tag));
                hasAddress = true;
            }
        }
        if (!hasAddress) targets.Add(new(name!, portal, -1));
        return reader.Violation is null;
    }

    void IConnectionOwner.OnCapacity()
    {
    }

    void IConnectionOwner.OnLost(IscsiConnection connection, ConnectionLoss loss)
    {
    }

    void IConnectionOwner.OnDrained(IscsiConnection connection)
    {
    }

    void IConnectionOwner.OnReleased(IscsiConnection connection) => released.TrySetResult(connection.Loss!);

    void IConnectionOwner.OnCommandEnded(DiskCommand command, CommandOutcome outcome)
    {
    }

    void IConnectionOwner.OnAsyncMessage(in AsyncMessagePdu message, ReadOnlySpan<byte> data)
    {
    }
}
