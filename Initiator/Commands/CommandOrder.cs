namespace Weft.Initiator.Commands;

/// <summary>Task attribute: how the device server may order a command among others. Numbers of iSCSI and SRP agree. SAM-5 §8.6.</summary>
public enum CommandOrder : byte
{
    Untagged = 0,
    Simple = 1,
    Ordered = 2,
    HeadOfQueue = 3,
}
