namespace Weft.Target.Luns;

/// <summary>
/// LUN masking: an initiator that some group admits sees that group's units alone; every other one sees the default group's.
/// </summary>
public sealed class LunMap
{
    private readonly List<LunGroup> groups = [];

    public LunMap() => Default = new("default", () => Changed?.Invoke());

    /// <summary>Raised after any change, on the executor that made it.</summary>
    public event Action? Changed;

    public LunGroup Default { get; }
    /// <summary>In the order in which they were added, which is the order of matching.</summary>
    public IReadOnlyList<LunGroup> Groups => groups;

    /// <exception cref="ArgumentException">There is a group of this name.</exception>
    public LunGroup AddGroup(string name)
    {
        if (groups.Exists(g => g.Name == name)) throw new ArgumentException($"there is a group '{name}' already", nameof(name));
        var group = new LunGroup(name, () => Changed?.Invoke());
        groups.Add(group);
        return group;
    }

    public bool RemoveGroup(string name)
    {
        var removed = groups.RemoveAll(g => g.Name == name) > 0;
        if (removed) Changed?.Invoke();
        return removed;
    }

    /// <summary>The group whose units this initiator sees.</summary>
    public LunGroup For(string initiator) => groups.Find(g => g.Admits(initiator)) ?? Default;
}
