namespace Weft.Protocol.Iscsi.Text;

/// <summary>Who may bring a key up.</summary>
[Flags]
public enum KeySenders : byte
{
    Initiator = 1,
    Target = 2,
    Both = 3,
}
