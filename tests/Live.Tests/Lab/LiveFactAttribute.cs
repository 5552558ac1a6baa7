namespace Weft.Live.Tests.Lab;

/// <summary>A test against a real Linux guest. Without the lab it is skipped, and says what is missing and how to get it.</summary>
public sealed class LiveFactAttribute : FactAttribute
{
    public LiveFactAttribute()
    {
        Skip = LabImage.WhyNot!;
    }
}
