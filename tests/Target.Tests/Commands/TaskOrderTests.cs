using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>Simple, ordered and head-of-queue commands against every order of back-end answers. SAM-5 §8.6.</summary>
public class TaskOrderTests
{
    private static HashSet<string> Orders(string attributes, Func<IBackStore, DiskOptions?, DiskUnit>? make = null)
    {
        var seen = new HashSet<string>();
        OrderExecutor.Enumerate(executor =>
        {
            var bed = new TestBed(executor, make: make);
            for (var i = 0; i < attributes.Length; i++)
            {
                var attribute = attributes[i] switch { 'O' => TaskAttribute.Ordered, 'H' => TaskAttribute.HeadOfQueue, _ => TaskAttribute.Simple };
                bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: (ulong)i + 1, attribute: attribute));
            }
            executor.Drain();
            Assert.All(bed.Port.Wire, w => Assert.EndsWith(": Good", w));
            Assert.Equal(attributes.Length, bed.Port.Wire.Count);
            seen.Add(string.Concat(bed.Port.Wire.Select(w => w[0])));
        });
        return seen;
    }

    [Theory]
    [InlineData("SSS", "123 132 213 231 312 321")]
    [InlineData("OOO", "123")]
    [InlineData("SOS", "123")]
    [InlineData("SSO", "123 213")]
    [InlineData("OSS", "123 132")]
    [InlineData("SOH", "132 312")]
    [InlineData("OSH", "132 312")] // 1 was running when 3 came; 2 waits for both
    [InlineData("HSS", "123 132")]
    [InlineData("HHS", "123 213")]
    [InlineData("SOSS", "1234 1243")]
    public void Only_the_orders_that_the_attributes_allow_and_all_of_them(string attributes, string expected) =>
        Assert.Equal(expected, string.Join(' ', Orders(attributes).Order()));

    /// <summary>The historical fault: ordered commands start at once.</summary>
    private sealed class IgnoresOrder(IBackStore store, DiskOptions? options) : DiskUnit(store, options)
    {
        protected override bool MayStart(ScsiTask task) => true;
    }

    [Fact]
    public void A_unit_that_ignores_order_is_seen() => Assert.Contains("21", Orders("OO", (s, o) => new IgnoresOrder(s, o)));

    [Fact]
    public void Aca_is_refused_as_there_is_none()
    {
        var bed = new TestBed();
        var task = bed.Submit(TestTask.For(Cdb.TestUnitReady(), attribute: TaskAttribute.Aca));
        Assert.Equal("AbortedCommand 49/00 (invalid message error)", task.Outcome);
    }

    [Fact]
    public void Commands_wait_for_buffers_and_all_get_one()
    {
        var executor = new OrderExecutor(seed: 5);
        var bed = new TestBed(executor, movesLater: true, buffers: 1);
        var tasks = Enumerable.Range(1, 20).Select(i => bed.Submit(TestTask.For(Cdb.Read10(0, 8), dataIn: 4096, tag: (ulong)i))).ToList();
        executor.Drain();
        Assert.All(tasks, t => Assert.Equal("Good", t.Outcome));
        Assert.Equal(0, bed.Port.Lent);
    }
}
