using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>CHAP keys of one message, and the challenge that this side has out. Lives for one login; nothing of it goes into later texts.</summary>
internal sealed class ChapExchange(ChapSettings settings)
{
    private byte[] sentChallenge = [];
    private byte sentIdentifier;
    private byte[] gotChallenge = [];
    private byte gotIdentifier;
    private byte[] gotResponse = [];
    private string? gotName;
    private string? gotAlgorithms;
    private Keys seen;

    [Flags]
    private enum Keys
    {
        Algorithm = 1,
        Identifier = 2,
        Challenge = 4,
        Name = 8,
        Response = 16,
    }

    public ChapSettings Settings { get; } = settings;
    public ChapAlgorithm Algorithm { get; private set; }
    public bool HasChallenge => (seen & (Keys.Identifier | Keys.Challenge)) == (Keys.Identifier | Keys.Challenge);
    public bool HasResponse => (seen & (Keys.Name | Keys.Response)) == (Keys.Name | Keys.Response);
    public bool HasAlgorithm => (seen & Keys.Algorithm) != 0;
    public bool HasAny => seen != 0;
    public string? PeerName => gotName;

    public void BeginMessage() => seen = 0;

    /// <summary>Takes a pair if it is CHAP's. Malformed values are violations.</summary>
    public bool TryTake(scoped TextPair pair, out Violation? violation)
    {
        violation = null;
        var ok = true;
        Keys key;
        if (pair.Is("CHAP_A"u8))
        {
            (key, gotAlgorithms) = (Keys.Algorithm, pair.ValueText);
        }
        else if (pair.Is("CHAP_I"u8))
        {
            key = Keys.Identifier;
            ok = TextValue.TryReadNumber(pair.Value, out var identifier) && identifier <= 255;
            gotIdentifier = (byte)identifier;
        }
        else if (pair.Is("CHAP_C"u8))
        {
            key = Keys.Challenge;
            ok = TryReadBinary(pair.Value, Chap.MaxChallengeLength, out gotChallenge);
        }
        else if (pair.Is("CHAP_N"u8))
        {
            (key, gotName) = (Keys.Name, pair.ValueText);
            ok = pair.Value.Length is > 0 and <= TextPair.MaxValueLength;
        }
        else if (pair.Is("CHAP_R"u8))
        {
            key = Keys.Response;
            ok = TryReadBinary(pair.Value, Chap.MaxDigestLength, out gotResponse);
        }
        else
        {
            return false;
        }
        if (!ok) violation = new("chap-value", "RFC 7143 §12.1.3", $"{pair.KeyText} of {pair.Value.Length} bytes is malformed");
        else if ((seen & key) != 0) violation = new("chap-twice", "RFC 7143 §12.1.3", $"{pair.KeyText} twice in one text");
        seen |= key;
        return true;
    }

    /// <summary>Target: takes the first algorithm of the peer's list that the settings accept.</summary>
    public bool TryChooseAlgorithm()
    {
        foreach (var item in (gotAlgorithms ?? "").Split(','))
        {
            if (!byte.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            foreach (var accepted in Settings.Algorithms)
            {
                if ((byte)accepted != number) continue;
                Algorithm = accepted;
                return true;
            }
        }
        return false;
    }

    /// <summary>Initiator: the target's choice must be one of those offered.</summary>
    public bool TryTakeChosenAlgorithm() => TryChooseAlgorithm() && !gotAlgorithms!.Contains(',');

    public void WriteAlgorithms(ref TextKeyWriter writer)
    {
        var list = new StringBuilder();
        foreach (var algorithm in Settings.Algorithms) list.Append(list.Length > 0 ? "," : "").Append((int)algorithm);
        writer.Add("CHAP_A", list.ToString());
    }

    public void WriteChallenge(IChallengeSource source, ref TextKeyWriter writer)
    {
        Span<byte> identifier = stackalloc byte[1];
        source.Draw(identifier);
        sentIdentifier = identifier[0];
        sentChallenge = new byte[Math.Clamp(Settings.ChallengeLength, 16, Chap.MaxChallengeLength)];
        source.Draw(sentChallenge);
        writer.Add("CHAP_I", sentIdentifier);
        writer.AddHex("CHAP_C", sentChallenge);
    }

    /// <summary>Answers the peer's challenge with our own name and secret.</summary>
    public void WriteResponse(ref TextKeyWriter writer)
    {
        Span<byte> digest = stackalloc byte[Chap.MaxDigestLength];
        var length = Chap.Respond(Algorithm, gotIdentifier, Settings.Own!.Secret, gotChallenge, digest);
        writer.Add("CHAP_N", Settings.Own.Name);
        writer.AddHex("CHAP_R", digest[..length]);
    }

    /// <summary>Whether the peer proved its secret for our challenge.</summary>
    public bool VerifyResponse()
    {
        if (Settings.FindPeer(gotName) is not { } peer || sentChallenge.Length == 0) return false;
        Span<byte> digest = stackalloc byte[Chap.MaxDigestLength];
        var length = Chap.Respond(Algorithm, sentIdentifier, peer.Secret, sentChallenge, digest);
        return CryptographicOperations.FixedTimeEquals(digest[..length], gotResponse);
    }

    /// <summary>The peer hands our own challenge back, to have us compute the response it needs. RFC 7143 §12.1.3.</summary>
    public bool IsReflected => sentChallenge.Length > 0 && sentChallenge.AsSpan().SequenceEqual(gotChallenge);

    private static bool TryReadBinary(ReadOnlySpan<byte> value, int max, out byte[] bytes)
    {
        Span<byte> buffer = stackalloc byte[Chap.MaxChallengeLength];
        var ok = TextValue.TryReadBinary(value, buffer[..max], out var length);
        bytes = ok ? buffer[..length].ToArray() : [];
        return ok;
    }
}
