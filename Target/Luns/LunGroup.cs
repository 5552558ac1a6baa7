using Weft.Protocol.Scsi;
using Weft.Target.Commands;

namespace Weft.Target.Luns;

/// <summary>The logical units that some initiators see.</summary>
public sealed class LunGroup
{
    private readonly List<LunEntry> luns = [];
    private readonly List<string> initiators = [];
    private readonly Action changed;

    internal LunGroup(string name, Action changed) => (Name, this.changed) = (name, changed);

    public string Name { get; }
    /// <summary>Ascending.</summary>
    public IReadOnlyList<LunEntry> Luns => luns;
    public IReadOnlyList<string> Initiators => initiators;

    /// <summary>Adds a unit. Initiators that are logged in get the unit attention REPORTED LUNS DATA HAS CHANGED.</summary>
    /// <exception cref="ArgumentException">The number is taken.</exception>
    public void Add(int number, LogicalUnit unit, bool isReadOnly = false)
    {
        Lun.From(number);
        var at = luns.Count;
        while (at > 0 && luns[at - 1].Number > number) at--;
        if (at > 0 && luns[at - 1].Number == number) throw new ArgumentException($"LUN {number} is taken in group '{Name}'", nameof(number));
        luns.Insert(at, new(number, unit, isReadOnly));
        changed();
    }

    /// <summary>Takes a unit away: commands under way finish, later ones find no such unit.</summary>
    public bool Remove(int number)
    {
        var removed = luns.RemoveAll(l => l.Number == number) > 0;
        if (removed) changed();
        return removed;
    }

    /// <summary>Lets initiators in by name: <c>*</c> any run, <c>?</c> one character, a leading <c>!</c> keeps names out of this group.</summary>
    public void AddInitiator(string pattern)
    {
        initiators.Add(pattern);
        changed();
    }

    /// <summary>Some pattern fits and no <c>!</c> pattern does.</summary>
    internal bool Admits(string initiator)
    {
        var admitted = false;
        foreach (var pattern in initiators)
        {
            if (pattern.StartsWith('!'))
            {
                if (NamePattern.Fits(pattern.AsSpan(1), initiator)) return false;
            }
            else admitted |= NamePattern.Fits(pattern, initiator);
        }
        return admitted;
    }
}
