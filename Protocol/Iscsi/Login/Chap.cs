using System.Security.Cryptography;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>The arithmetic of CHAP. RFC 1994 §4.1, RFC 7143 §12.1.3.</summary>
public static class Chap
{
    /// <summary>Longest challenge: 1024 bytes.</summary>
    public const int MaxChallengeLength = 1024;
    public const int MaxDigestLength = 32;

    /// <summary>Length of a response, 0 for an algorithm that is not known.</summary>
    public static int DigestLength(ChapAlgorithm algorithm) => algorithm switch
    {
        ChapAlgorithm.Md5 => 16,
        ChapAlgorithm.Sha1 => 20,
        ChapAlgorithm.Sha256 or ChapAlgorithm.Sha3_256 => 32,
        _ => 0,
    };

    /// <summary>Computes H(identifier || secret || challenge); returns its length.</summary>
    public static int Respond(ChapAlgorithm algorithm, byte identifier, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> challenge, Span<byte> response)
    {
        var message = new byte[1 + secret.Length + challenge.Length];
        message[0] = identifier;
        secret.CopyTo(message.AsSpan(1));
        challenge.CopyTo(message.AsSpan(1 + secret.Length));
        switch (algorithm)
        {
            case ChapAlgorithm.Md5:
                return MD5.HashData(message, response);
            case ChapAlgorithm.Sha1:
                return SHA1.HashData(message, response);
            case ChapAlgorithm.Sha256:
                return SHA256.HashData(message, response);
            case ChapAlgorithm.Sha3_256:
                Sha3.Hash256(message, response);
                return Sha3.DigestLength;
            default:
                throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "not a CHAP algorithm");
        }
    }
}
