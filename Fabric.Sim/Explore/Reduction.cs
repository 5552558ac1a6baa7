namespace Weft.Fabric.Sim.Explore;

/// <summary>How an exhaustive search leaves out orders that only swap events which have nothing to do with each other.</summary>
public enum Reduction : byte
{
    /// <summary>Every order is run. For checking the other two.</summary>
    None,
    /// <summary>Sleep sets (Godefroid 1996): one complete run for each class of equivalent orders, and one cut run at each dead end.</summary>
    SleepSets,
    /// <summary>Source sets with sleep sets (Abdulla, Aronis, Jonsson, Sagonas 2014): alternatives are only tried where a race asks for it.</summary>
    SourceSets,
}
