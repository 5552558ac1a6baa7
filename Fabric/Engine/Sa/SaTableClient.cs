using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Engine.Sa;

/// <summary>
/// Asks the subnet administration for tables, from QP1 of a port: one question at a time, repeated until an answer begins, which is then
/// put together from its segments. IBA Vol 1 §15.4, §13.6.
/// </summary>
public sealed class SaTableClient : IMadAgent
{
    private static readonly Duration Patience = Duration.FromSeconds(1);
    private const int MaxTries = 6;
    private const ulong Agent = 4UL << 32;

    private readonly IExecutor executor;
    private readonly IbPort port;
    private readonly IMadPort madPort;
    private readonly Execution.Timer timer;
    private readonly byte[] request = new byte[MadHeader.MadLength], packet = new byte[MadHeader.MadLength];
    private RmppReceiver? receiver;
    private Action<SaTable>? done;
    private SaAttribute attribute;
    private ulong transaction = Agent;
    private int tries;

    public SaTableClient(IExecutor executor, IbPort port, IMadPort madPort)
    {
        (this.executor, this.port, this.madPort) = (executor, port, madPort);
        timer = executor.CreateTimer("sa table", OnTimer);
        madPort.RegisterClient((byte)MadClass.SubnetAdministration, this);
    }

    /// <summary>Asks for all records that have the template's values in the components of the mask; the call back comes once.</summary>
    /// <param name="components">Names of the components that count.</param>
    /// <param name="modifier">Attribute modifier.</param>
    /// <exception cref="InvalidOperationException">Another question is under way.</exception>
    public void Ask<T>(in T template, ReadOnlySpan<string> components, uint modifier, Action<SaTable> onDone) where T : struct, ISaRecord<T>
    {
        if (done is not null) throw new InvalidOperationException("one question at a time");
        (done, attribute, tries, receiver) = (onDone, T.Table.Attribute, 0, null);
        request.AsSpan().Clear();
        new MadHeader(MadClass.SubnetAdministration, SaHeader.ClassVersion, MadMethod.GetTable, (ushort)attribute, ++transaction, modifier).Write(request);
        new SaHeader(0, 0, T.Table.Mask(components)).Write(request);
        template.Write(request.AsSpan(SaHeader.DataOffset));
        Send();
    }

    // A port that knows no manager yet asks nobody, and tries again like after a loss.
    private void Send()
    {
        tries++;
        timer.Arm(executor.Now + Patience);
        if (port.SmLid.Value != 0 && port.IsActive) madPort.Send(Path(), Qpn.Gsi, request);
    }

    private AddressVector Path() => new(
        port.GidAt(0), Gid.None, port.Number, DestinationLid: port.SmLid, ServiceLevel: port.Settings.SmServiceLevel, IsGlobal: false,
        PKeyIndex: (ushort)Math.Max(0, port.IndexOf(PKey.Default)));

    public void OnMad(IMadPort from, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        if (done is null || !MadHeader.TryRead(mad, out var header) || header.TransactionId != transaction || !RmppHeader.TryRead(mad, out var rmpp)) return;
        if (!rmpp.IsActive)
        {
            Finish(header.Status == MadStatus.Ok ? "the answer is no table" : $"the subnet administration refuses with status 0x{header.Status:x4}");
            return;
        }
        receiver ??= new(RmppLimits.Default);
        receiver.OnMad(mad, executor.Now);
        while (receiver.TryTake(packet)) madPort.Send(reply, sourceQpn, packet);
        if (receiver.State == RmppState.Active) timer.Arm(receiver.Deadline);
        else Finish(receiver.State == RmppState.Done ? null : $"the transfer failed: {receiver.Status}");
    }

    private void OnTimer()
    {
        if (receiver is null && tries < MaxTries) Send();
        else Finish(receiver is null ? $"no answer from the subnet administration in {MaxTries} tries of {Patience}" : "the answer stopped half-way");
    }

    private void Finish(string? problem)
    {
        timer.Cancel();
        var (callback, table) = (done!, new SaTable(attribute, default, 0, problem));
        if (problem is null && SaHeader.TryRead(receiver!.FirstHeader, out var sa)) table = new(attribute, receiver.Records, sa.AttributeOffset * 8);
        (done, receiver) = (null, null);
        callback(table);
    }
}
