using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

/// <summary>Sizes of a session's requests, from the module's parameters and what the login's string overrides.</summary>
/// <param name="Queue">Commands of a channel.</param>
/// <param name="CommandEntries">Descriptors in a command.</param>
/// <param name="TableEntries">Descriptors of a command altogether.</param>
/// <param name="PieceLength">Longest piece of memory under one descriptor.</param>
/// <param name="RequestLength">Longest information unit that is asked for.</param>
/// <param name="DataLength">Longest data of a command.</param>
/// <param name="Registrations">Most registrations of a command.</param>
internal sealed record SrpLimits(int Queue, int CommandEntries, int TableEntries, int PieceLength, int RequestLength, int DataLength, int Registrations)
{
    /// <summary>Memory that is not registered for a command is described page by page.</summary>
    private const int PageLength = 4096;

    public bool HasOwnTables => TableEntries > CommandEntries;

    /// <summary>Send-queue entries of a request: registrations, the send, invalidations.</summary>
    public int WorkPerRequest => 1 + 2 * Registrations;

    /// <param name="sendQueue">Longest send queue of the device: commands with many registrations are fewer at once.</param>
    public static SrpLimits Of(SrpOptions options, SrpAddTarget target, int sendQueue)
    {
        var entries = target.CmdSgEntries ?? options.CmdSgEntries;
        var table = Math.Max(entries, target.SgTableSize ?? options.IndirectSgEntries);
        if (!(target.AllowExtSg ?? options.AllowExtSg)) table = entries;
        var piece = options.NeverRegister ? PageLength : options.MaxRegistrationLength;
        var queue = target.QueueSize ?? SrpOptions.DefaultQueueSize;
        if (target.TargetCanQueue is { } can) queue = Math.Min(queue, can);
        var data = Math.Min(options.MaxDataLength, (int)Math.Min(int.MaxValue, (long)table * piece));
        if (target.MaxSectors is { } sectors) data = Math.Min(data, sectors * 512);
        var limits = new SrpLimits(queue, entries, table, piece, options.RequestLength(entries, target.MaxItIuSize), data, options.NeverRegister ? 1 : (data + piece - 1) / piece);
        return limits with { Queue = Math.Max(1, Math.Min(queue, sendQueue / limits.WorkPerRequest - SrpChannel.TaskManagementPlaces - 1)) };
    }

    /// <summary>Descriptors that fit into a request of the target's limit.</summary>
    public static int EntriesIn(int requestLength) => (requestLength - SrpCommand.Length - SrpDataBuffer.IndirectHeaderLength) / SrpDescriptor.Length;
}
