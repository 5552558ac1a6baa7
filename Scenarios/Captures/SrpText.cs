using System.Globalization;
using System.Text;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;

namespace Weft.Scenarios.Captures;

/// <summary>SRP information units as people read them: one line each.</summary>
internal static class SrpText
{
    public static string Describe(ReadOnlySpan<byte> unit)
    {
        if (SrpCommand.TryRead(unit, out var command)) return Command(command, unit);
        if (SrpResponse.TryRead(unit, out var response)) return Response(response, unit);
        if (SrpTaskManagement.TryRead(unit, out var management))
            return $"SRP_TSK_MGMT tag {management.Tag:x} {management.Function} LUN {new Lun(management.Lun)}"
                + (management.Function == SrpTaskFunction.AbortTask ? $" task {management.ManagedTag:x}" : "");
        if (SrpAsyncEvent.TryRead(unit, out var asyncEvent)) return $"SRP_AER_REQ tag {asyncEvent.Tag:x} delta {asyncEvent.RequestLimitDelta} LUN {new Lun(asyncEvent.Lun)}";
        if (SrpNotice.TryRead(unit, out var notice)) return $"SRP {notice.Opcode} tag {notice.Tag:x}{(notice.Value == 0 ? "" : $" value {notice.Value}")}";
        return $"SRP unit 0x{(unit.IsEmpty ? 0 : unit[0]):x2}, {unit.Length} bytes";
    }

    public static string Describe(in SrpLoginRequest login) =>
        $"SRP_LOGIN_REQ I->T length {login.MaxInitiatorToTargetLength} formats {login.Formats} {login.MultiChannelAction}"
        + $"{(login.WantsImmediateData ? $" immediate data at {login.ImmediateDataOffset}" : "")} initiator {login.InitiatorPort} target {login.TargetPort}";

    public static string Describe(in SrpLoginResponse login) =>
        $"SRP_LOGIN_RSP limit {login.RequestLimitDelta} I->T length {login.MaxInitiatorToTargetLength} T->I length {login.MaxTargetToInitiatorLength}"
        + $" formats {login.Formats}{(login.SupportsImmediateData ? " immediate data" : "")}";

    private static string Command(in SrpCommand command, ReadOnlySpan<byte> unit)
    {
        var line = new StringBuilder();
        Span<byte> bytes = stackalloc byte[Cdb.Length];
        unit.Slice(32, Cdb.Length).CopyTo(bytes);
        Cdb.TryRead(bytes, out var cdb);
        line.Append(CultureInfo.InvariantCulture, $"SRP_CMD tag {command.Tag:x} LUN {new Lun(command.Lun)} {cdb}");
        if (command.TryReadBuffers(unit, out var dataOut, out var dataIn))
        {
            Buffer(line, "out", dataOut);
            Buffer(line, "in", dataIn);
        }
        return line.ToString();
    }

    private static void Buffer(StringBuilder line, string name, scoped in SrpDataBuffer buffer)
    {
        if (buffer.Format == SrpDataFormat.None) return;
        line.Append(CultureInfo.InvariantCulture, $" | {name} {buffer.Format} {buffer.TotalLength}");
        for (var i = 0; i < Math.Min(buffer.DescriptorCount, 2); i++) line.Append(CultureInfo.InvariantCulture, $" {buffer[i].Key}@0x{buffer[i].Address:x}+{buffer[i].Size}");
        if (buffer.DescriptorCount > 2) line.Append(CultureInfo.InvariantCulture, $" and {buffer.DescriptorCount - 2} more");
        if (buffer.IsPartial) line.Append(CultureInfo.InvariantCulture, $" of {buffer.TableCount}");
    }

    private static string Response(in SrpResponse response, ReadOnlySpan<byte> unit)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"SRP_RSP tag {response.Tag:x} delta {response.RequestLimitDelta}");
        if ((response.Flags & SrpResponseFlags.ResponseValid) != 0 && response.ResponseData(unit) is { Length: >= 4 } data) line.Append(CultureInfo.InvariantCulture, $" {(SrpResponseCode)data[3]}");
        else line.Append(CultureInfo.InvariantCulture, $" {(ScsiStatus)response.Status}");
        if ((response.Flags & (SrpResponseFlags.DataInOverflow | SrpResponseFlags.DataInUnderflow)) != 0) line.Append(CultureInfo.InvariantCulture, $" in-residual {response.DataInResidual}");
        if ((response.Flags & (SrpResponseFlags.DataOutOverflow | SrpResponseFlags.DataOutUnderflow)) != 0) line.Append(CultureInfo.InvariantCulture, $" out-residual {response.DataOutResidual}");
        if (Sense.TryRead(response.Sense(unit), out var sense)) line.Append(CultureInfo.InvariantCulture, $" sense {sense}");
        return line.ToString();
    }
}
