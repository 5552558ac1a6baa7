namespace Weft.Protocol.Scsi;

/// <summary>Where a big-endian number stands in a CDB.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Bytes">1..8; 0: the command has no such field.</param>
/// <param name="Mask">Bits of the number that count.</param>
public readonly record struct CdbField(byte Offset, byte Bytes, ulong Mask = ulong.MaxValue)
{
    public bool Exists => Bytes != 0;
}
