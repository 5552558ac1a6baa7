namespace Weft.Protocol.Nbd;

/// <summary>What is exported, and which requests it takes.</summary>
/// <param name="Name">Clients ask for it by this name; the empty name always means it too.</param>
/// <param name="Description">For people.</param>
/// <param name="Size">In bytes.</param>
/// <param name="MinBlock">Offsets and lengths are multiples of it: a power of two, 1..65536.</param>
/// <param name="PreferredBlock">Smallest efficient request, a power of two and at least <paramref name="MinBlock"/>.</param>
public sealed record NbdExport(string Name, string Description, ulong Size, NbdTransmissionFlags Flags, uint MinBlock = 512, uint PreferredBlock = 4096)
{
    /// <summary>Longest data of one request: what the protocol says a client may count on.</summary>
    public const uint MaxPayload = 32 << 20;
    /// <summary>Longest name and description in bytes of UTF-8. NBD protocol, "Terminology".</summary>
    public const int MaxStringLength = 4096;

    public bool IsReadOnly => Has(NbdTransmissionFlags.ReadOnly);

    /// <summary>Whether the export takes a request, and if not, with which error it is answered.</summary>
    public NbdError Check(in NbdRequest request)
    {
        var allowed = Has(NbdTransmissionFlags.SendFua) ? NbdCommandFlags.Fua : NbdCommandFlags.None;
        switch (request.Command)
        {
            case NbdCommand.Read:
                if (request.Length > MaxPayload) return NbdError.Eoverflow;
                break;
            case NbdCommand.Flush when Has(NbdTransmissionFlags.SendFlush):
                return (request.Flags & ~allowed) == 0 && request is { Offset: 0, Length: 0 } ? NbdError.None : NbdError.Einval;
            case NbdCommand.Write:
            case NbdCommand.Trim when Has(NbdTransmissionFlags.SendTrim):
                if (IsReadOnly) return NbdError.Eperm;
                break;
            case NbdCommand.WriteZeroes when Has(NbdTransmissionFlags.SendWriteZeroes):
                if (IsReadOnly) return NbdError.Eperm;
                allowed |= NbdCommandFlags.NoHole;
                break;
            default:
                return NbdError.Einval;
        }
        if ((request.Flags & ~allowed) != 0 || request.Offset % MinBlock != 0 || request.Length % MinBlock != 0) return NbdError.Einval;
        if (request.Offset <= Size && request.Length <= Size - request.Offset) return NbdError.None;
        return request.Command is NbdCommand.Write or NbdCommand.WriteZeroes ? NbdError.Enospc : NbdError.Einval;
    }

    private bool Has(NbdTransmissionFlags flag) => (Flags & flag) != 0;
}
