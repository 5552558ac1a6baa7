using Weft.Initiator.Iscsi;

namespace Weft.Initiator.Iser;

/// <summary>A task with what it holds of the RDMA device.</summary>
internal sealed class IserTask(int slot) : IscsiTask(slot)
{
    /// <summary>Signaled sends that have not completed.</summary>
    public int SendsPending { get; set; }
    /// <summary>A local invalidate is on its way.</summary>
    public bool IsInvalidating { get; set; }
    /// <summary>Unsolicited Data-Out headers that it has taken.</summary>
    public int DataOuts { get; set; }
    /// <summary>Key that the target was told, while it is valid; otherwise nothing of this task can be reached from outside.</summary>
    public RKey? RemoteKey { get; set; }
    /// <summary>Whether <see cref="RemoteKey"/> is of this task's own <see cref="Registration"/>, which ends with the task.</summary>
    public bool IsOwnKey { get; set; }
    /// <summary>Made at the first use of the slot.</summary>
    public FastRegistration? Registration { get; set; }
}
