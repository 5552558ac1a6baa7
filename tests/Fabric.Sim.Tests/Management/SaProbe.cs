using Weft.Fabric.Sim.Management;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>Asks the SA and keeps what comes back; acknowledges segments as a kernel does, and confirms reports.</summary>
internal sealed class SaProbe : IManagementClient
{
    private readonly IManagementPort port;
    private RmppReceiver? receiver;
    private ulong transaction = 0x77_0000_0000;

    public SaProbe(IManagementPort port)
    {
        this.port = port;
        port.Client = this;
    }

    public Lid ManagerLid { get; set; } = new(1);
    public MadHeader Header { get; private set; }
    public bool HasAnswer { get; private set; }
    /// <summary>Records of the last answer.</summary>
    public byte[] Records { get; private set; } = [];
    public int Stride { get; private set; }
    /// <summary>Called the moment that an answer is complete.</summary>
    public Action? Answered { get; set; }
    public List<byte[]> Reports { get; } = [];
    public int Count => Stride == 0 ? 0 : Records.Length / Stride;

    public T Record<T>(int at = 0) where T : struct, ISaRecord<T>
    {
        Assert.True(T.TryRead(Records.AsSpan(at * Stride), out var record));
        return record;
    }

    public void Ask(MadMethod method, SaAttribute attribute, ulong mask, ReadOnlySpan<byte> record, uint modifier = 0, ulong smKey = 0)
    {
        var mad = new byte[MadHeader.MadLength];
        new MadHeader(MadClass.SubnetAdministration, SaHeader.ClassVersion, method, (ushort)attribute, ++transaction, modifier).Write(mad);
        new SaHeader(smKey, 0, mask).Write(mad);
        record.CopyTo(mad.AsSpan(SaHeader.DataOffset));
        (HasAnswer, receiver) = (false, new(RmppLimits.Default));
        port.Send(ManagerLid, Qpn.Gsi, mad);
    }

    public async Task Query<T>(World world, MadMethod method, T template, string[] components, uint modifier = 0, ulong smKey = 0) where T : struct, ISaRecord<T>
    {
        var record = new byte[SaHeader.DataLength];
        template.Write(record);
        Ask(method, T.Table.Attribute, T.Table.Mask(components), record, modifier, smKey);
        await world.Until(() => HasAnswer, $"an answer to {method} {T.Table.Attribute}");
    }

    public void OnMad(Lid source, Qpn sourceQueue, Span<byte> mad)
    {
        MadHeader.TryRead(mad, out var header);
        if (header.Method == MadMethod.Report)
        {
            Reports.Add(mad.ToArray());
            mad[3] = (byte)MadMethod.ReportResponse;
            port.Send(source, sourceQueue, mad);
            return;
        }
        if (header.TransactionId != transaction) return;
        RmppHeader.TryRead(mad, out var rmpp);
        SaHeader.TryRead(mad, out var sa);
        if (rmpp.IsActive)
        {
            receiver!.OnMad(mad, Instant.Zero);
            var answer = new byte[MadHeader.MadLength];
            while (receiver.TryTake(answer)) port.Send(source, sourceQueue, answer);
            if (receiver.State == RmppState.Active) return;
            Assert.Equal(RmppState.Done, receiver.State);
        }
        Header = header;
        Stride = sa.AttributeOffset * 8;
        Records = rmpp.IsActive ? receiver!.Records.ToArray() : mad[SaHeader.DataOffset..].ToArray();
        HasAnswer = true;
        Answered?.Invoke();
    }
}
