using Weft.Protocol.Cm;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Tests.Cm;

/// <summary>Keeps what a connection puts out.</summary>
internal sealed class RecordingSink : ICmConnectionSink
{
    public List<byte[]> Sent { get; } = [];
    public List<CmNoticeKind> Notices { get; } = [];
    public Action<CmConnection, byte[]>? OnSend { get; set; }
    public Action<CmConnection, CmNoticeKind>? OnNotice { get; set; }

    public void Send(CmConnection connection, ReadOnlySpan<byte> mad)
    {
        var copy = mad.ToArray();
        Sent.Add(copy);
        OnSend?.Invoke(connection, copy);
    }

    public void Notify(CmConnection connection, in CmNotice notice)
    {
        Notices.Add(notice.Kind);
        OnNotice?.Invoke(connection, notice.Kind);
    }

    public string LastMessage => Sent.Count == 0 ? "" : Name(Sent[^1]);

    public static string Name(byte[] mad) =>
        CmMad.TryReadHeader(mad, out _, out var attribute, out _) ? CmMad.TableOf(attribute)!.Name : "?";

    public static CmAttribute AttributeOf(byte[] mad) => CmMad.TryReadHeader(mad, out _, out var attribute, out _) ? attribute : CmAttribute.None;

    public static ulong TransactionOf(byte[] mad) => MadHeader.TryRead(mad, out var header) ? header.TransactionId : 0;
}
