namespace Weft.Protocol.Iscsi.Login;

/// <summary>Unpredictable bytes for CHAP identifiers and challenges; the node draws them from its chooser.</summary>
public interface IChallengeSource
{
    void Draw(Span<byte> target);
}
