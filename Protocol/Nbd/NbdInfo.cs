namespace Weft.Protocol.Nbd;

/// <summary>What the answer to INFO or GO tells. NBD protocol, "NBD_REP_INFO".</summary>
public enum NbdInfo : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}
