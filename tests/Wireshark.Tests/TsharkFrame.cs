namespace Weft.Wireshark.Tests;

/// <summary>What tshark has to object to one frame.</summary>
/// <param name="Number">Frame number, from 1.</param>
/// <param name="Malformed">A dissector ran off the end of the frame or met a bug of its own.</param>
/// <param name="LuaError">Text of an error inside a Lua dissector; empty when there is none.</param>
/// <param name="Experts">Expert items in the order of the tree.</param>
public sealed record TsharkFrame(int Number, bool Malformed, string LuaError, IReadOnlyList<(ExpertSeverity Severity, string Message)> Experts)
{
    /// <summary>Malformed, or at least one expert item of severity error.</summary>
    public bool IsBroken => Malformed || Experts.Any(item => item.Severity == ExpertSeverity.Error);

    /// <inheritdoc/>
    public override string ToString() =>
        $"frame {Number}:{(Malformed ? " malformed" : "")} {LuaError} {string.Join("; ", Experts.Select(item => $"{item.Severity}: {item.Message}"))}";
}
