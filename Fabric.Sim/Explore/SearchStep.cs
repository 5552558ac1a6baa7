using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Explore;

/// <summary>One choice on the path of an exhaustive search: of the next event, or of something else.</summary>
internal sealed class SearchStep
{
    [Flags]
    public enum Mark : byte
    {
        None = 0,
        /// <summary>To be tried.</summary>
        Wanted = 1,
        /// <summary>Tried, with all that can follow.</summary>
        Done = 2,
        /// <summary>Whatever begins with it has been seen elsewhere.</summary>
        Asleep = 4,
    }

    public readonly record struct Sleeper(ulong Source, int Index, ulong[] Touched);

    public bool IsOrder;
    public int Alternatives;
    public int Chosen;
    /// <summary>Number of the event chosen here, or during which something else was chosen; -1: before all events.</summary>
    public int Event;
    public Candidate[] Candidates = [];
    public Mark[] Marks = [];
    /// <summary>For each candidate tried here: all that it touched in any run.</summary>
    public ulong[][] Touched = [];
    public readonly List<Sleeper> Sleepers = [];

    public void BeginOther(int alternatives, int during)
    {
        (IsOrder, Alternatives, Chosen, Event) = (false, alternatives, 0, during);
    }

    public void BeginOrder(ReadOnlySpan<Candidate> candidates, List<Sleeper> sleepers, int number)
    {
        (IsOrder, Alternatives, Chosen, Event) = (true, candidates.Length, -1, number);
        if (Candidates.Length < candidates.Length)
        {
            var size = Math.Max(4, candidates.Length);
            Candidates = new Candidate[size];
            Marks = new Mark[size];
            Touched = new ulong[size][];
        }
        candidates.CopyTo(Candidates);
        Sleepers.Clear();
        foreach (var sleeper in sleepers) Sleepers.Add(sleeper);
        for (var i = 0; i < candidates.Length; i++)
        {
            Marks[i] = IsAsleep(in candidates[i]) ? Mark.Asleep : Mark.None;
            Touched[i] = [];
        }
    }

    public int Find(ulong source, int index)
    {
        for (var i = 0; i < Alternatives; i++)
            if (Candidates[i].Source == source && Candidates[i].Index == index) return i;
        return -1;
    }

    public void Want(int candidate) => Marks[candidate] |= Mark.Wanted;
    public bool Has(int candidate, Mark any) => (Marks[candidate] & any) != 0;

    public void WantAll()
    {
        for (var i = 0; i < Alternatives; i++) Want(i);
    }

    private bool IsAsleep(in Candidate candidate)
    {
        foreach (var sleeper in Sleepers)
            if (sleeper.Source == candidate.Source && sleeper.Index == candidate.Index) return true;
        return false;
    }
}
