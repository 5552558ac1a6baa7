using System.Buffers.Text;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Analysis;

/// <summary>What a login has agreed on, as far as the wire checks need it. RFC 7143 §13, RFC 7145 §6; defaults until a key says otherwise.</summary>
internal sealed class IserParameters
{
    public bool InitialR2T { get; private set; } = true;
    public bool ImmediateData { get; private set; } = true;
    public uint FirstBurst { get; private set; } = 65_536;
    public uint ToTarget { get; private set; } = 8192;
    public uint ToInitiator { get; private set; } = 8192;
    public bool IsDiscovery { get; private set; }

    /// <summary>Takes the pairs of one Login PDU: of an offer and its answer, the answer comes last and stays.</summary>
    public void Take(ReadOnlySpan<byte> text, bool fromInitiator)
    {
        var reader = new TextKeyReader(text);
        while (reader.MoveNext())
        {
            var pair = reader.Current;
            if (pair.Is("InitialR2T"u8)) InitialR2T = !pair.Value.SequenceEqual("No"u8);
            else if (pair.Is("ImmediateData"u8)) ImmediateData = pair.Value.SequenceEqual("Yes"u8);
            else if (pair.Is("FirstBurstLength"u8)) FirstBurst = Number(pair, FirstBurst);
            else if (pair.Is("TargetRecvDataSegmentLength"u8)) ToTarget = Number(pair, ToTarget);
            else if (pair.Is("InitiatorRecvDataSegmentLength"u8)) ToInitiator = Number(pair, ToInitiator);
            else if (pair.Is("SessionType"u8)) IsDiscovery = pair.Value.SequenceEqual("Discovery"u8);
            // Declared by each side for what it receives; in a discovery session it takes the place of the two above.
            else if (pair.Is("MaxRecvDataSegmentLength"u8) && fromInitiator) ToInitiator = Math.Max(ToInitiator, Number(pair, ToInitiator));
            else if (pair.Is("MaxRecvDataSegmentLength"u8)) ToTarget = Math.Max(ToTarget, Number(pair, ToTarget));
        }
    }

    private static uint Number(scoped TextPair pair, uint otherwise)
    {
        if (pair.Value.StartsWith("0x"u8))
            return Utf8Parser.TryParse(pair.Value[2..], out uint hex, out var n, 'x') && n == pair.Value.Length - 2 ? hex : otherwise;
        return Utf8Parser.TryParse(pair.Value, out uint value, out var used) && used == pair.Value.Length ? value : otherwise;
    }
}
