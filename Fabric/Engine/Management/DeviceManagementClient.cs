using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.DeviceManagement;

namespace Weft.Fabric.Engine.Management;

/// <summary>
/// Asks ports of the subnet for their I/O controllers, from QP1 of a port: one question at a time, repeated like ibsrpdm's when no answer
/// comes. Which ports have device management is for the SA to say (CapabilityMask bit 19).
/// </summary>
public sealed class DeviceManagementClient : IMadAgent
{
    private static readonly Duration Timeout = Duration.FromSeconds(5);
    private const int Tries = 3;

    private readonly IMadPort port;
    private readonly IExecutor executor;
    private readonly Execution.Timer timer;
    private readonly byte[] request = new byte[MadHeader.MadLength];
    private DeviceManagementQuery? query;
    private Action<DeviceManagementQuery>? done;
    private AddressVector path;
    private int triesLeft;
    private ulong transactions;

    public DeviceManagementClient(IExecutor executor, IMadPort port)
    {
        (this.executor, this.port) = (executor, port);
        timer = executor.CreateTimer("device management", OnTimer);
        port.Register((byte)MadClass.DeviceManagement, this);
    }

    /// <summary>Asks a port; the call back comes once, with a list or with the problem.</summary>
    /// <exception cref="InvalidOperationException">Another question is under way.</exception>
    public void Ask(in AddressVector to, Action<DeviceManagementQuery> onDone)
    {
        if (query is not null) throw new InvalidOperationException("one question at a time");
        transactions += 1UL << 32;
        (path, done, query) = (to, onDone, new(transactions));
        Send(Tries);
    }

    private void Send(int tries)
    {
        triesLeft = tries - 1;
        query!.WriteRequest(request);
        timer.Arm(executor.Now + Timeout);
        port.Send(path, Qpn.Gsi, request);
    }

    private void OnTimer()
    {
        if (triesLeft > 0)
        {
            Send(triesLeft);
            return;
        }
        query!.GiveUp($"no answer in {Tries} tries of {Timeout}");
        Finish();
    }

    void IMadAgent.OnMad(IMadPort from, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        if (query is null || !query.TryTake(mad)) return;
        if (query.IsFinished) Finish();
        else Send(Tries);
    }

    private void Finish()
    {
        timer.Cancel();
        var (finished, callback) = (query!, done!);
        (query, done) = (null, null);
        callback(finished);
    }
}
