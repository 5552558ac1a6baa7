namespace Weft.Protocol.Iscsi.Text;

/// <summary>Form of a key's value.</summary>
public enum KeyValueKind : byte
{
    Text,
    Number,
    Boolean,
    List,
}
