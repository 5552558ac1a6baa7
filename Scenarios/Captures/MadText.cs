using Weft.Protocol.Mad;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Protocol.Mad.Performance;
using Weft.Protocol.Mad.Sa;
using Weft.Protocol.Mad.Smp;

namespace Weft.Scenarios.Captures;

/// <summary>Management datagrams other than those of the CM as people name them: SubnGet(NodeInfo), SubnAdmGetTableResp(PathRecord).</summary>
internal static class MadText
{
    /// <summary>Null: not a datagram of a class that is known here.</summary>
    /// <param name="mad">256 bytes.</param>
    public static string? Describe(ReadOnlySpan<byte> mad)
    {
        if (mad.Length != MadHeader.MadLength || !MadHeader.TryRead(mad, out var header)) return null;
        var isDirected = header.Class == MadClass.SubnetDirectedRoute;
        var (prefix, attribute) = header.Class switch
        {
            MadClass.SubnetLidRouted or MadClass.SubnetDirectedRoute => ("Subn", $"{(SmpAttribute)header.AttributeId}"),
            MadClass.SubnetAdministration => ("SubnAdm", $"{(SaAttribute)header.AttributeId}"),
            MadClass.Performance => ("Performance", $"{(PerformanceAttribute)header.AttributeId}"),
            MadClass.DeviceManagement => ("DevMgt", $"{(DeviceManagementAttribute)header.AttributeId}"),
            _ => ("", ""),
        };
        if (prefix.Length == 0) return null;
        if (char.IsAsciiDigit(attribute[0])) attribute = $"0x{header.AttributeId:x4}";
        var text = $"{prefix}{Method(header.Method)}({attribute})";
        if (header.AttributeModifier != 0) text += $" modifier 0x{header.AttributeModifier:x}";
        if (isDirected) text += Path(mad, header);
        if (header.Class is MadClass.SubnetAdministration && RmppHeader.TryRead(mad, out var rmpp) && rmpp.IsActive) text += $" RMPP {rmpp.Type} {rmpp.Segment}{(rmpp.IsLast ? ", the last" : "")}";
        if (header.Method is MadMethod.Trap or MadMethod.TrapRepress or MadMethod.Report && NoticeOf(mad, header) is { IsGeneric: true } notice) text += $" trap {notice.TrapNumber} of LID {notice.IssuerLid}";
        var status = isDirected ? header.Status & 0x7FFF : header.Status;
        return $"{text} TID {header.TransactionId:x}{(status != 0 ? $" status 0x{status:x4}" : "")}";
    }

    private static string Method(MadMethod method) => method switch
    {
        MadMethod.GetResponse => "GetResp",
        MadMethod.GetTableResponse => "GetTableResp",
        MadMethod.GetMultiResponse => "GetMultiResp",
        MadMethod.DeleteResponse => "DeleteResp",
        MadMethod.ReportResponse => "ReportResp",
        _ when Enum.IsDefined(method) => $"{method}",
        _ => $"Method0x{(byte)method:x2}",
    };

    /// <summary>The ports by which the directed part leaves its nodes, and on which hop it is; D: on its way back.</summary>
    private static string Path(ReadOnlySpan<byte> mad, in MadHeader header)
    {
        var (pointer, count) = (header.ClassSpecific >> 8, Math.Min(header.ClassSpecific & 0xFF, SmpMad.MaxHops));
        var path = mad.Slice(SmpMad.InitialPathOffset + 1, count).ToArray();
        return $" path {(count == 0 ? "here" : string.Join(',', path))} hop {pointer}{((header.Status & 0x8000) != 0 ? " D" : "")}";
    }

    private static Notice NoticeOf(ReadOnlySpan<byte> mad, in MadHeader header) =>
        Notice.TryRead(mad[(header.Class == MadClass.SubnetAdministration ? SaHeader.DataOffset : SmpMad.DataOffset)..], out var notice) ? notice : default;
}
