using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

/// <summary>Module parameters of ib_srp, with its defaults; an <c>add_target</c> string overrides some of them for one login.</summary>
public sealed record SrpOptions
{
    /// <summary>Commands of a channel: a ring of 64 without the places for an answer to the target and for task management.</summary>
    public const int DefaultQueueSize = 62;
    private const int TableHeader = SrpDataBuffer.IndirectHeaderLength;

    /// <summary>Descriptors in a command, 1..255 (cmd_sg_entries).</summary>
    public int CmdSgEntries { get; init; } = 12;
    /// <summary>Descriptors of a command altogether; 0: as many as in a command (indirect_sg_entries).</summary>
    public int IndirectSgEntries { get; init; }
    public bool AllowExtSg { get; init; }
    /// <summary>
    /// Registers nothing: commands use the key of memory that was registered beforehand, a descriptor for each page (never_register). Otherwise
    /// each command gets keys of its own.
    /// </summary>
    public bool NeverRegister { get; init; }
    /// <summary>Longest piece of memory under one key, bytes: longer data take several, and so a table.</summary>
    public int MaxRegistrationLength { get; init; } = 1 << 20;
    /// <summary>Writes carry short data themselves, where the target takes it.</summary>
    public bool UseImmediateData { get; init; } = true;
    /// <summary>Longest data that go with a write, bytes (max_imm_data).</summary>
    public int MaxImmediateData { get; init; } = 8192;
    /// <summary>Channels of a session (ch_count).</summary>
    public int ChannelCount { get; init; } = 1;
    /// <summary>Between a lost connection and the next login, and between attempts; infinite: none (off).</summary>
    public Duration ReconnectDelay { get; init; } = Duration.FromSeconds(10);
    /// <summary>From a transport error until commands fail; infinite: never (off).</summary>
    public Duration FastIoFailTimeout { get; init; } = Duration.FromSeconds(15);
    /// <summary>From a transport error until the target is given up; infinite: never (off).</summary>
    public Duration DeviceLossTimeout { get; init; } = Duration.FromSeconds(600);
    public Duration CommandTimeout { get; init; } = Duration.FromSeconds(30);
    /// <summary>For the answer to a task management function.</summary>
    public Duration TaskManagementTimeout { get; init; } = Duration.FromSeconds(5);
    public Duration ResolveTimeout { get; init; } = Duration.FromSeconds(1);
    /// <summary>Says goodbye with SRP_I_LOGOUT, which Linux does not: it only disconnects.</summary>
    public bool SendsLogout { get; init; }
    public int MaxDataLength { get; init; } = 1 << 20;

    /// <summary>Length of information units to ask for: a full command with its table, or one with immediate data.</summary>
    public int RequestLength(int cmdSgEntries, int limit)
    {
        var length = Math.Max(SrpCommand.Length + 16 + TableHeader + SrpDescriptor.Length * cmdSgEntries, UseImmediateData ? SrpChannel.ImmediateOffset + MaxImmediateData : 0);
        return limit > 0 ? Math.Min(length, limit) : length;
    }

    /// <summary>What does not fit together, as a sentence; null when all is well. Rules of scsi_transport_srp.</summary>
    public string? Problem()
    {
        var mostFail = Duration.FromSeconds(600);
        return CmdSgEntries is < 1 or > 255 ? $"cmd_sg_entries is 1..255, not {CmdSgEntries}"
            : IndirectSgEntries is < 0 or > 2048 ? $"indirect_sg_entries is 0..2048, not {IndirectSgEntries}"
            : ChannelCount is < 1 or > 64 ? $"ch_count is 1..64, not {ChannelCount}"
            : MaxRegistrationLength < 512 ? "a registration holds 512 bytes at least"
            : ReconnectDelay <= Duration.Zero ? "reconnect_delay is not 0"
            : ReconnectDelay.IsInfinite && FastIoFailTimeout.IsInfinite && DeviceLossTimeout.IsInfinite ? "reconnect_delay, fast_io_fail_tmo and dev_loss_tmo cannot all be off"
            : !FastIoFailTimeout.IsInfinite && FastIoFailTimeout > mostFail ? "fast_io_fail_tmo is at most 600 s"
            : FastIoFailTimeout.IsInfinite && !DeviceLossTimeout.IsInfinite && DeviceLossTimeout > mostFail ? "dev_loss_tmo is at most 600 s when fast_io_fail_tmo is off"
            : !FastIoFailTimeout.IsInfinite && !DeviceLossTimeout.IsInfinite && FastIoFailTimeout >= DeviceLossTimeout ? "fast_io_fail_tmo is less than dev_loss_tmo"
            : null;
    }
}
