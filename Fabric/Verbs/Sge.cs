namespace Weft.Fabric.Verbs;

/// <summary>One scatter/gather element: a range inside the memory region that <paramref name="Key"/> names. IBA Vol 1 §10.6.</summary>
public readonly record struct Sge(ulong Address, uint Length, LKey Key);
