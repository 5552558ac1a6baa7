using System.Xml.Linq;
using Weft.Scenarios.Timelines;

namespace Weft.Scenarios.Tests.Timelines;

public class TimelineTests
{
    private static Instant At(long nanoseconds) => new(nanoseconds);

    /// <summary>A request that arrives at once; two that cross; one that is lost; a choice; the failure.</summary>
    private static Timeline Drawn()
    {
        var timeline = new Timeline("a <title> & more") { Subtitle = "what is claimed" };
        var (a, b) = (timeline.Column("initiator"), timeline.Column("target"));
        var request = new TimelineMessage { From = a, To = b, Sent = At(10), Text = "request" };
        var (left, right) = (new TimelineMessage { From = a, To = b, Sent = At(30), Text = "left" }, new TimelineMessage { From = b, To = a, Sent = At(40), Text = "right" });
        var lost = new TimelineMessage { From = b, To = a, Sent = At(70), Text = "answer", Trouble = "lost" };
        var acknowledgement = new TimelineMessage { From = b, To = a, Sent = At(25), Text = "ACK", IsMinor = true };
        timeline.Send(request);
        timeline.Arrive(request, At(20));
        timeline.Send(acknowledgement);
        timeline.Arrive(acknowledgement, At(28));
        timeline.Send(left);
        timeline.Send(right);
        timeline.Arrive(right, At(50));
        timeline.Arrive(left, At(60));
        timeline.Send(lost);
        timeline.Send(new TimelineMessage { From = a, To = b, Sent = At(75), Text = "more" });
        timeline.Send(new TimelineMessage { From = b, To = b, Sent = At(76), Text = "to itself" }); // not drawn
        timeline.Add(new(At(55), b, TimelineMarkKind.Choice, "choice 1"));
        timeline.Add(new(At(1_000_000_080), -1, TimelineMarkKind.Failure, "rule: it broke"));
        return timeline;
    }

    [Fact]
    public void Characters_show_order_crossings_losses_choices_and_the_failure()
    {
        // Written by hand.
        const string wanted = """
                   seconds  initiator     target
               0.000000010    o------------>|           request
               0.000000030    o......       |           left (arrives at 0.000000060)
               0.000000040    |<------------o           right
               0.000000055    |             *           * choice 1
               0.000000060    |       .....>|           arrives: left (left at 0.000000030)
               0.000000070    |      x......o           [lost] answer
               0.000000075    o......       |           more (still under way at the end)
               1.000000080  ==|=============|===========FAILED  rule: it broke
            """;
        string[] Lines(string text) => [.. text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
        Assert.Equal(Lines(wanted), Lines(TimelineText.Draw(Drawn())));
    }

    [Fact]
    public void A_limit_keeps_the_end_and_says_what_it_left_out()
    {
        var text = TimelineText.Draw(Drawn(), limit: 2);
        Assert.Contains("6 lines before this are left out", text, StringComparison.Ordinal);
        Assert.DoesNotContain("request", text, StringComparison.Ordinal);
        Assert.Contains("FAILED", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_drawing_is_well_formed_and_has_an_arrow_for_each_message_and_a_cross_for_the_lost_one()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var root = XDocument.Parse(TimelineSvg.Draw(Drawn())).Root!;
        Assert.Equal(6, root.Elements(svg + "line").Count(l => (string?)l.Attribute("class") is "msg" or "minor" or "bad"));
        Assert.Equal(4, root.Elements(svg + "line").Count(l => l.Attribute("marker-end") is not null));
        Assert.Single(root.Elements(svg + "path"), p => (string?)p.Attribute("class") == "bad");
        Assert.Equal("a <title> & more", root.Elements(svg + "text").First().Value);
        // Slanted where something came between, level where nothing did.
        var lines = root.Elements(svg + "line").Where(l => (string?)l.Attribute("class") == "msg").ToList();
        Assert.Equal((string?)lines[0].Attribute("y1"), (string?)lines[0].Attribute("y2"));
        Assert.NotEqual((string?)lines[1].Attribute("y1"), (string?)lines[1].Attribute("y2"));
    }

    [Fact]
    public void Names_that_XML_has_no_place_for_are_drawn_all_the_same()
    {
        var timeline = new Timeline("t");
        timeline.Add(new(At(1), -1, TimelineMarkKind.Failure, "an iSCSI name \0\x01\uD800 from a peer"));
        Assert.NotNull(XDocument.Parse(TimelineSvg.Draw(timeline)).Root);
    }
}
