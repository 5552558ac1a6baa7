namespace Weft.Initiator.Commands;

/// <summary>Which way the data of a command goes, seen from the initiator.</summary>
public enum DataDirection : byte
{
    None,
    /// <summary>From the target into <see cref="DiskCommand.Data"/>.</summary>
    Read,
    /// <summary>From <see cref="DiskCommand.Data"/> to the target.</summary>
    Write,
}
