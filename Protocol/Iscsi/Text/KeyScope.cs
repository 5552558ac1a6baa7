namespace Weft.Protocol.Iscsi.Text;

/// <summary>What a value holds for.</summary>
public enum KeyScope : byte
{
    Connection,
    Session,
}
