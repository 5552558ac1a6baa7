namespace Weft.Target.Commands;

/// <summary>Shapes of work: which steps a command takes.</summary>
internal enum Work : byte
{
    None,
    /// <summary>Data-in built by the device server.</summary>
    Reply,
    Read,
    Write,
    /// <summary>Data-out compared piece by piece.</summary>
    Verify,
    /// <summary>Data-out fetched whole, then looked at: UNMAP, MODE SELECT, WRITE SAME, COMPARE AND WRITE, VERIFY of one block with many.</summary>
    Parameters,
    /// <summary>One question to the back end, no data.</summary>
    Single,
}
