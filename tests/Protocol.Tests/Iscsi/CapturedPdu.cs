using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Tests.Cm;

namespace Weft.Protocol.Tests.Iscsi;

/// <summary>One iSCSI PDU that a Linux peer sent, from tests/data/iscsi: over iSER the whole SEND, over TCP the PDU.</summary>
public sealed record CapturedPdu(string Capture, int Frame, bool FromInitiator, bool IsIser, byte[] Bytes)
{
    private static readonly Lazy<IReadOnlyList<CapturedPdu>> Loaded = new(Load);
    public static IReadOnlyList<CapturedPdu> All => Loaded.Value;

    public static CapturedPdu Find(string capture, int frame) => All.Single(c => c.Capture == capture && c.Frame == frame);
    public static IEnumerable<CapturedPdu> Of(string capture) => All.Where(c => c.Capture == capture);

    public ReadOnlySpan<byte> Pdu => IsIser ? Bytes.AsSpan(IserHeader.Length) : Bytes;

    public T View<T>(out byte[] data)
        where T : struct, IPdu<T>
    {
        Assert.Null(PduView.TryRead(Pdu, out var view));
        data = view.Data.ToArray();
        Assert.True(Protocol.Iscsi.Pdu.TryView<T>(view.Bhs, out var pdu));
        return pdu;
    }

    private static IReadOnlyList<CapturedPdu> Load()
    {
        var list = new List<CapturedPdu>();
        foreach (var file in Directory.GetFiles(Path.Combine(CapturedCm.DataDirectory(), "iscsi"), "*.hex").Order(StringComparer.Ordinal))
        {
            var capture = Path.GetFileNameWithoutExtension(file);
            foreach (var line in File.ReadLines(file))
            {
                if (line.StartsWith('#')) continue;
                var parts = line.Split(' ');
                list.Add(new(capture, int.Parse(parts[0]), parts[1] == "I", !capture.StartsWith("tcp"), Convert.FromHexString(parts[2])));
            }
        }
        return list;
    }

    public override string ToString() => $"{Capture} frame {Frame}";
}
