namespace Weft.Fabric.Sim.Choose;

/// <summary>A chooser that knows which events it chooses between.</summary>
public interface IOrderChooser : IChooser
{
    /// <summary>Answer of <see cref="ChooseEvent"/> that ends the run: whatever comes now has been seen.</summary>
    const int Cut = -1;

    /// <summary>Whether it is also asked where there is only one event, and told what each event touched.</summary>
    bool SeesEveryEvent { get; }

    /// <summary>Whether it leaves orders out as equivalent, and so relies on nothing but itself deciding the order.</summary>
    bool Reduces { get; }

    /// <summary>Picks the event that runs next.</summary>
    /// <param name="candidates">In natural order, at least one; at least two unless <see cref="SeesEveryEvent"/>.</param>
    int ChooseEvent(ReadOnlySpan<Candidate> candidates, in ChoicePoint why);

    /// <summary>The event chosen last has run.</summary>
    /// <param name="touched">See <c>Footprint</c>: resource number times two, plus one when written; resource 0 is everything.</param>
    void OnExecuted(ReadOnlySpan<ulong> touched, Withdrawal withdrawn);
}
