using Weft.Fabric.Sim.Choose;

namespace Weft.Fabric.Sim.Tests.Choose;

public sealed class SeededChooserTests
{
    [Fact]
    public void The_generator_gives_the_published_values_of_SplitMix64()
    {
        var state = 1234567UL;
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            Enumerable.Range(0, 5).Select(_ => SplitMix.Next(ref state)).ToArray());
    }

    [Fact]
    public void The_stream_is_the_same_on_every_machine()
    {
        var chooser = new SeededChooser(42);
        var loss = new ChoicePoint(ChoiceKind.Loss, "h1.p1>h2.p1");
        var psn = new ChoicePoint(ChoiceKind.Value, "h1");
        Assert.Equal("70129970", string.Concat(Enumerable.Range(0, 8).Select(_ => chooser.Choose(10, in loss))));
        Assert.Equal("DCBE4C 7B638F", $"{chooser.Draw(24, in psn):X6} {chooser.Draw(24, in psn):X6}");
    }

    [Fact]
    public void Questions_at_one_place_change_no_answer_at_another()
    {
        var alone = new SeededChooser(7);
        var among = new SeededChooser(7);
        for (var i = 0; i < 100; i++)
        {
            among.Choose(3, new(ChoiceKind.Delivery, "h9"));
            among.Choose(3, new(ChoiceKind.Dispatch, "h1"));
            Assert.Equal(alone.Choose(1000, new(ChoiceKind.Delivery, "h1")), among.Choose(1000, new(ChoiceKind.Delivery, new string("h1"))));
        }
    }

    [Fact]
    public void Two_alternatives_follow_the_odds_and_others_are_even()
    {
        var chooser = new SeededChooser(1);
        Assert.InRange(Enumerable.Range(0, 100_000).Count(_ => chooser.Choose(2, new(ChoiceKind.Loss, "x", 20_000)) == 1), 1_800, 2_200);
        var counts = new int[5];
        for (var i = 0; i < 50_000; i++) counts[chooser.Choose(5, new(ChoiceKind.Delivery, "x"))]++;
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
        Assert.Equal(0, chooser.Choose(1, new(ChoiceKind.Delivery, "x")));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.InRange(chooser.Draw(5, new(ChoiceKind.Value, "x")), 0UL, 31UL));
        Assert.Throws<ArgumentOutOfRangeException>(() => chooser.Draw(65, new(ChoiceKind.Value, "x")));
    }

    [Fact]
    public void Asking_allocates_nothing_once_the_places_are_known()
    {
        var chooser = new SeededChooser(1);
        string[] subjects = ["a", "b", "c"];
        long sum = 0;
        Ask();
        Assert.Equal(0, Steady.AllocatedBytes(Ask));
        Assert.NotEqual(0, sum);

        void Ask()
        {
            for (var i = 0; i < 3000; i++) sum += chooser.Choose(9, new(ChoiceKind.Loss, subjects[i % 3]));
        }
    }
}
