namespace Weft.Protocol.Iscsi.Text;

/// <summary>When a key may appear. In full feature phase: whether it may be negotiated (again) there.</summary>
[Flags]
public enum KeyStages : byte
{
    Security = 1,
    Operational = 2,
    FullFeature = 4,
    AnyLogin = Security | Operational,
    Any = 7,
}
