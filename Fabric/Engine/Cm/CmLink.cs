using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Fabric.Engine.Cm;

/// <summary>
/// A connection in the tables of its manager: the state machine, its timer, and the way to the peer's QP1. It outlives its id when
/// TIMEWAIT is not over.
/// </summary>
internal sealed class CmLink : ICmConnectionSink
{
    private readonly ConnectionManager manager;
    private readonly IMadPort port;
    private readonly AddressVector madPath;
    private readonly Execution.Timer timer;
    private Instant armed = Instant.Never;

    public CmLink(ConnectionManager manager, CmId id, uint commId, IMadPort port, in AddressVector madPath)
    {
        (this.manager, Id, this.port, this.madPath) = (manager, id, port, madPath);
        Connection = new(commId, manager.CaGuid, ConnectionManager.TransactionOf(commId), this);
        timer = manager.Executor.CreateTimer("cm connection", OnTimer);
    }

    public CmConnection Connection { get; }
    /// <summary>Null when the consumer has destroyed it.</summary>
    public CmId? Id { get; set; }
    /// <summary>The REQ that made the connection, sent or received.</summary>
    public CmReq Request;
    /// <summary>PSN that this side chose: it expects the peer to start there.</summary>
    public Psn OwnPsn { get; set; }
    /// <summary>Keys under which the manager's tables know the link.</summary>
    public RemoteId? ById { get; set; }
    public RemoteId? ByQpn { get; set; }
    public SidrKey? BySidr { get; set; }
    /// <summary>QPN that the manager keeps from being used again.</summary>
    public Qpn? ReservedQpn { get; set; }
    public bool IsRemoved { get; set; }

    /// <summary>After every input: the timer follows the machine, and a closed connection leaves the tables.</summary>
    public void Settle()
    {
        if (armed != Connection.Deadline) timer.Arm(armed = Connection.Deadline);
        if (Connection.State == CmState.Closed && !IsRemoved) manager.Remove(this);
    }

    private void OnTimer()
    {
        armed = Instant.Never;
        Connection.OnTimer(manager.Executor.Now);
        Settle();
    }

    void ICmConnectionSink.Send(CmConnection connection, ReadOnlySpan<byte> mad) => port.Send(madPath, Qpn.Gsi, mad);

    void ICmConnectionSink.Notify(CmConnection connection, in CmNotice notice) => Id?.OnNotice(notice);
}
