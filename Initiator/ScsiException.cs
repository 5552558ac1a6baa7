using Weft.Initiator.Commands;

namespace Weft.Initiator;

/// <summary>A command of <see cref="Disk"/> did not end with GOOD: the target refused it, or it never got an answer.</summary>
public sealed class ScsiException : InitiatorException
{
    public ScsiException(string command, CommandResult result) : base($"{command}: {result}")
    {
        Result = result;
        if (result.TryGetSense(out var sense)) Sense = sense;
    }

    public CommandResult Result { get; }
    public Sense? Sense { get; }
}
