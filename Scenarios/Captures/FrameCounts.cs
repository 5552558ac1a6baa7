namespace Weft.Scenarios.Captures;

/// <summary>How many frames and messages of a capture are what.</summary>
internal sealed class FrameCounts
{
    public int Frames { get; set; }
    /// <summary>Good packets of RoCE or InfiniBand; the next three are their parts.</summary>
    public int Roce { get; set; }
    public int Rc { get; set; }
    public int Uc { get; set; }
    public int Ud { get; set; }
    /// <summary>CM datagrams, repeated ones too.</summary>
    public int Cm { get; set; }
    /// <summary>iSER or SRP logins in the private data of CM messages.</summary>
    public int LoginData { get; set; }
    /// <summary>iSER messages; repeated packets count once.</summary>
    public int Iser { get; set; }
    public int Iscsi { get; set; }
    /// <summary>SRP information units, logins in CM messages not among them; repeated packets count once.</summary>
    public int Srp { get; set; }
    public int ScsiCommands { get; set; }
    public int Sense { get; set; }
    /// <summary>SENDs of consumers that are not known here.</summary>
    public int OtherMessages { get; set; }
    public int Damaged { get; set; }
    /// <summary>Frames that are neither, by protocol.</summary>
    public SortedDictionary<string, int> Other { get; } = new(StringComparer.Ordinal);
}
