using Weft.Fabric.Engine;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;

namespace Weft.Scenarios.Bench;

/// <summary>One device at one end of a link, with one connected queue pair and memory of one message.</summary>
internal sealed class BenchSide
{
    private readonly Gid address;

    /// <param name="number">The last byte of its address.</param>
    /// <param name="length">Bytes of a message.</param>
    /// <param name="depth">Messages under way.</param>
    public BenchSide(IExecutor executor, ILink link, MacAddress mac, uint number, int length, int depth, ICompletionHandler handler)
    {
        address = Gid.FromIPv4(0x0A00_0000 | number);
        var device = RoceDevice.Create(executor, new() { Name = executor.Name, Ports = [new() { Mac = mac, Addresses = [address] }] }, link);
        var domain = device.AllocateProtectionDomain();
        Region = domain.Register(new byte[length], AccessFlags.LocalWrite | AccessFlags.RemoteWrite | AccessFlags.RemoteRead);
        Queue = device.CreateCompletionQueue(2 * depth, handler);
        Pair = domain.CreateQueuePair(new(QpType.ReliableConnected, Queue, Queue, MaxSendWr: depth, MaxReceiveWr: depth));
    }

    public IMemoryRegion Region { get; }
    public ICompletionQueue Queue { get; }
    public IQueuePair Pair { get; }
    public Sge Whole => new(Region.Address, (uint)Region.Length, Region.LKey);

    /// <param name="timeout">Local ACK timeout, as the verbs encode it.</param>
    public void Connect(BenchSide peer, PathMtu mtu, byte timeout = 14)
    {
        Check(Pair.Modify(new() { State = QpState.Init, Port = 1, Access = AccessFlags.RemoteWrite | AccessFlags.RemoteRead },
            QpAttributeMask.State | QpAttributeMask.Port | QpAttributeMask.PKeyIndex | QpAttributeMask.Access));
        Check(Pair.Modify(
            new()
            {
                State = QpState.ReadyToReceive, AddressVector = new(address, peer.address), PathMtu = mtu, DestinationQpn = peer.Pair.Number, RqPsn = default,
                MaxDestRdAtomic = 4, MinRnrTimer = 12,
            },
            QpAttributeMask.State | QpAttributeMask.AddressVector | QpAttributeMask.PathMtu | QpAttributeMask.DestinationQpn | QpAttributeMask.RqPsn
                | QpAttributeMask.MaxDestRdAtomic | QpAttributeMask.MinRnrTimer));
        Check(Pair.Modify(
            new() { State = QpState.ReadyToSend, SqPsn = default, Timeout = timeout, RetryCount = 7, RnrRetry = 7, MaxRdAtomic = 4 },
            QpAttributeMask.State | QpAttributeMask.SqPsn | QpAttributeMask.Timeout | QpAttributeMask.RetryCount | QpAttributeMask.RnrRetry
                | QpAttributeMask.MaxRdAtomic));
    }

    /// <summary>A refusal is a mistake of the bench.</summary>
    public static void Check(VerbsError? error)
    {
        if (error is not null) throw new InvalidOperationException(error.ToString());
    }
}
