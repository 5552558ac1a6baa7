using Weft.Target.Commands;

namespace Weft.Target.Luns;

/// <summary>A logical unit under a number.</summary>
/// <param name="Number">0..16383.</param>
/// <param name="IsReadOnly">Writes by initiators of this group are refused.</param>
public sealed record LunEntry(int Number, LogicalUnit Unit, bool IsReadOnly);
