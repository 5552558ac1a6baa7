namespace Weft.Protocol.Iscsi.Login;

/// <summary>Values of CHAP_A: IANA's PPP authentication algorithms. RFC 7143 §12.1.3.</summary>
public enum ChapAlgorithm : byte
{
    None = 0,
    Md5 = 5,
    Sha1 = 6,
    Sha256 = 7,
    Sha3_256 = 8,
}
