using System.Buffers.Binary;

namespace Weft.Protocol.Srp;

/// <summary>
/// The 16-byte units: I_LOGOUT, T_LOGOUT, CRED_REQ, CRED_RSP and AER_RSP. One layout serves them all.
/// SRP r16a §6.8, §6.10..§6.14.
/// </summary>
/// <param name="Value">CRED_REQ: request limit delta; T_LOGOUT: reason; zero in the others.</param>
public readonly record struct SrpNotice(SrpOpcode Opcode, byte SolicitedNotification, int Value, ulong Tag)
{
    public const int Length = 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out SrpNotice notice)
    {
        notice = default;
        if (source.Length < Length) return false;
        var opcode = (SrpOpcode)source[0];
        if (opcode is not (SrpOpcode.InitiatorLogout or SrpOpcode.TargetLogout or SrpOpcode.CreditRequest or SrpOpcode.CreditResponse or SrpOpcode.AsyncEventResponse))
            return false;
        notice = new(opcode, source[1], BinaryPrimitives.ReadInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)Opcode;
        target[1] = SolicitedNotification;
        BinaryPrimitives.WriteInt32BigEndian(target[4..], Value);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Tag);
    }
}
