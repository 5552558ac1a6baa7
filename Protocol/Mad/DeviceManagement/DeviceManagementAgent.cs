namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>
/// Answers questions about the I/O controllers behind a port: the agent of class 0x06, without I/O. IBA Vol 1 §16.3. As ib_srpt it has 16
/// slots; those without a controller answer with status 0x0100, slots that there are not with an invalid field.
/// </summary>
public sealed class DeviceManagementAgent
{
    public const int Slots = 16;
    private readonly List<IoController> controllers = [];

    public IReadOnlyList<IoController> Controllers => controllers;
    /// <summary>Counts changes of the list.</summary>
    public ushort ChangeId { get; private set; }

    /// <summary>Puts a controller into the next slot.</summary>
    /// <exception cref="InvalidOperationException">All slots are taken.</exception>
    public void Add(IoController controller)
    {
        if (controllers.Count == Slots) throw new InvalidOperationException($"an I/O unit has {Slots} slots");
        controllers.Add(controller);
        ChangeId++;
    }

    public void Remove(IoController controller)
    {
        if (controllers.Remove(controller)) ChangeId++;
    }

    /// <summary>Answers a request.</summary>
    /// <param name="mad">256 bytes as they arrived.</param>
    /// <param name="answer">256 bytes for the answer.</param>
    /// <returns>False if there is nothing to answer: no request, or not of this class.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> mad, Span<byte> answer)
    {
        if (mad.Length < MadHeader.MadLength || !MadHeader.TryRead(mad, out var header) || header.Class != MadClass.DeviceManagement || header.IsResponse) return false;
        answer[..MadHeader.MadLength].Clear();
        var status = header.BaseVersion != 1 || header.ClassVersion != DeviceManagementMad.ClassVersion ? MadStatus.BadVersion
            : header.Method != MadMethod.Get ? MadStatus.UnsupportedMethod
            : Fill(header, answer[DeviceManagementMad.DataOffset..]);
        (header with { Method = MadMethod.GetResponse, Status = status, Reserved = 0 }).Write(answer);
        return true;
    }

    private ushort Fill(in MadHeader header, Span<byte> data)
    {
        switch ((DeviceManagementAttribute)header.AttributeId)
        {
            case DeviceManagementAttribute.ClassPortInfo:
                ClassPortInfo.BaseVersion.Write(data, 1);
                ClassPortInfo.ClassVersion.Write(data, DeviceManagementMad.ClassVersion);
                ClassPortInfo.ResponseTime.Write(data, 20);
                return MadStatus.Ok;
            case DeviceManagementAttribute.IoUnitInfo:
                new IoUnitInfo(ChangeId, Slots, 0, IoUnitInfo.List(controllers.Count, Slots)).Write(data);
                return MadStatus.Ok;
            case DeviceManagementAttribute.IoControllerProfile:
                if (Find(header.AttributeModifier, out var controller) is var refused && controller is null) return refused;
                controller.Profile.Write(data);
                return MadStatus.Ok;
            case DeviceManagementAttribute.ServiceEntries:
                return FillEntries(header.AttributeModifier, data);
            default:
                return MadStatus.UnsupportedAttribute;
        }
    }

    private ushort FillEntries(uint modifier, Span<byte> data)
    {
        var (first, last) = ((int)(modifier & 0xFF), (int)(modifier >> 8 & 0xFF));
        var status = Find(modifier >> 16, out var controller);
        if (controller is null) return status;
        if (first > last || last >= controller.Services.Count || last - first >= DeviceManagementMad.EntriesPerMad) return DeviceManagementMad.NoController;
        for (var i = first; i <= last; i++) controller.Services[i].Write(data[((i - first) * ServiceEntry.Length)..]);
        return MadStatus.Ok;
    }

    private ushort Find(uint slot, out IoController? controller)
    {
        controller = slot >= 1 && slot <= controllers.Count ? controllers[(int)slot - 1] : null;
        return controller is not null ? MadStatus.Ok : slot is 0 or > Slots ? MadStatus.InvalidField : DeviceManagementMad.NoController;
    }
}
