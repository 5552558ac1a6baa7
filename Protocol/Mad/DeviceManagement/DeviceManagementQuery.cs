namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>
/// Asks a port for its I/O controllers: the client of class 0x06, without I/O. Whoever carries its MADs repeats the present one when no answer
/// comes. A controller that is gone when it is asked for is left out.
/// </summary>
public sealed class DeviceManagementQuery
{
    private readonly List<IoController> found = [];
    private readonly List<ServiceEntry> services = [];
    private readonly ulong firstTransaction;
    private IoControllerProfile? profile;
    private ulong asked;
    private int slot;

    /// <param name="transactionId">Of the first request; further ones count up.</param>
    public DeviceManagementQuery(ulong transactionId) => firstTransaction = transactionId;

    /// <summary>Known when the first answer is there.</summary>
    public IoUnitInfo? Unit { get; private set; }
    public IReadOnlyList<IoController> Controllers => found;
    public bool IsFinished { get; private set; }
    /// <summary>Why it ended without a list.</summary>
    public string? Problem { get; private set; }

    /// <summary>Writes the question that waits for its answer.</summary>
    public void WriteRequest(Span<byte> mad)
    {
        var id = firstTransaction + asked;
        if (Unit is null) DeviceManagementMad.WriteGet(mad, DeviceManagementAttribute.IoUnitInfo, 0, id);
        else if (profile is null) DeviceManagementMad.WriteGet(mad, DeviceManagementAttribute.IoControllerProfile, (uint)slot, id);
        else DeviceManagementMad.WriteGet(mad, DeviceManagementAttribute.ServiceEntries, DeviceManagementMad.EntriesModifier(slot, services.Count, LastEntry), id);
    }

    private int LastEntry => Math.Min(profile!.EntryCount, services.Count + DeviceManagementMad.EntriesPerMad) - 1;

    /// <summary>Takes a MAD; what is no answer to the present question is not for it.</summary>
    /// <returns>Whether it was the answer: then there is another question, or it is finished.</returns>
    public bool TryTake(ReadOnlySpan<byte> mad)
    {
        if (IsFinished || mad.Length < MadHeader.MadLength || !MadHeader.TryRead(mad, out var header)) return false;
        if (header.Class != MadClass.DeviceManagement || header.Method != MadMethod.GetResponse || header.TransactionId != firstTransaction + asked) return false;
        asked++;
        var data = mad[DeviceManagementMad.DataOffset..];
        if (Unit is null) TakeUnit(header, data);
        else if (header.Status != MadStatus.Ok) NextSlot();
        else if (profile is null) TakeProfile(data);
        else TakeEntries(data);
        return true;
    }

    /// <summary>The port does not answer.</summary>
    public void GiveUp(string why) => (IsFinished, Problem) = (true, why);

    private void TakeUnit(in MadHeader header, ReadOnlySpan<byte> data)
    {
        if (header.Status != MadStatus.Ok)
        {
            GiveUp($"IOUnitInfo was answered with status 0x{header.Status:x4}");
            return;
        }
        if (IoUnitInfo.TryRead(data, out var unit)) Unit = unit;
        NextSlot();
    }

    private void NextSlot()
    {
        profile = null;
        services.Clear();
        do
        {
            slot++;
        }
        while (slot <= Unit!.Value.MaxControllers && Unit.Value[slot] != IoSlot.Present);
        IsFinished = slot > Unit.Value.MaxControllers;
    }

    private void TakeProfile(ReadOnlySpan<byte> data)
    {
        if (IoControllerProfile.TryRead(data, out profile) && profile.EntryCount > 0) return;
        EndController();
    }

    private void TakeEntries(ReadOnlySpan<byte> data)
    {
        for (var i = LastEntry - services.Count; i >= 0; i--, data = data[ServiceEntry.Length..])
            if (ServiceEntry.TryRead(data, out var entry)) services.Add(entry);
        if (services.Count >= profile!.EntryCount) EndController();
    }

    private void EndController()
    {
        if (profile is not null) found.Add(new(profile, services.ToArray()));
        NextSlot();
    }
}
