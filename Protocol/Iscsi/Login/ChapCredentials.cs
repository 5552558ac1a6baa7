using System.Text;

namespace Weft.Protocol.Iscsi.Login;

/// <summary>A CHAP name with its secret, as raw bytes.</summary>
public sealed record ChapCredentials(string Name, byte[] Secret)
{
    public ChapCredentials(string name, string secret)
        : this(name, Encoding.UTF8.GetBytes(secret))
    {
    }

    public bool HasSameSecret(ChapCredentials other) => Secret.AsSpan().SequenceEqual(other.Secret);
    public override string ToString() => Name; // never the secret
}
