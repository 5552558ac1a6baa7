namespace Weft.Live.Tests.Lab;

/// <summary>A theory against a real Linux guest, skipped as <see cref="LiveFactAttribute"/> is.</summary>
public sealed class LiveTheoryAttribute : TheoryAttribute
{
    public LiveTheoryAttribute()
    {
        Skip = LabImage.WhyNot!;
    }
}
