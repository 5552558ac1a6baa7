namespace Weft.Initiator.Tests.Fakes;

/// <summary>A message that the initiator sent, as it was on the wire.</summary>
internal sealed class Request(FakeQueuePair pair, byte[] bytes)
{
    public FakeQueuePair Pair { get; } = pair;
    public byte[] Bytes { get; } = bytes;
    public IserHeader Iser { get; } = IserHeader.TryRead(bytes, out var header) ? header : throw new InvalidOperationException("no iSER header");
    public Bhs Bhs { get; } = Bhs.TryRead(bytes.AsSpan(IserHeader.Length), out var bhs) ? bhs : throw new InvalidOperationException("no BHS");
    public IscsiOpcode Opcode => Bhs.Opcode;
    public ReadOnlySpan<byte> Data => Bytes.AsSpan(IserMessage.HeadersLength + Bhs.AhsLength, Bhs.DataSegmentLength);
    public ScsiCommandPdu Command => Pdu.TryView(Bhs, out ScsiCommandPdu pdu) ? pdu : throw new InvalidOperationException(Opcode.ToString());
    public override string ToString() => Opcode.ToString();
}
