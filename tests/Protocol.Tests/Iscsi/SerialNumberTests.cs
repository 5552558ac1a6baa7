using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Iscsi;

namespace Weft.Protocol.Tests.Iscsi;

public class SerialNumberTests
{
    [Fact]
    public void Comparison_is_serial_across_the_wrap()
    {
        Assert.True(new CmdSn(0xFFFF_FFFF) < new CmdSn(0));
        Assert.True(new CmdSn(0x8000_0000) > new CmdSn(1));
        Assert.Equal(3, new CmdSn(1) - new CmdSn(0xFFFF_FFFE));
        Assert.Equal(new StatSn(0), new StatSn(0xFFFF_FFFF).Next);
    }

    [Fact]
    public void The_target_window_takes_what_is_inside_once_and_in_order()
    {
        var window = new CommandWindow(new(0xFFFF_FFFE), 4);
        Assert.Equal(4, window.Open);
        Assert.Equal(WindowVerdict.Outside, window.Receive(new(0xFFFF_FFFD)));
        Assert.Equal(WindowVerdict.Outside, window.Receive(new(2)));
        Assert.Equal(WindowVerdict.Held, window.Receive(new(0)));
        Assert.Equal(WindowVerdict.Duplicate, window.Receive(new(0)));
        Assert.False(window.TryTakeHeld(out _));
        Assert.Equal(WindowVerdict.Ready, window.Receive(new(0xFFFF_FFFE)));
        Assert.False(window.TryTakeHeld(out _));
        Assert.Equal(WindowVerdict.Ready, window.Receive(new(0xFFFF_FFFF)));
        Assert.True(window.TryTakeHeld(out var held));
        Assert.Equal(new CmdSn(0), held);
        Assert.False(window.TryTakeHeld(out _));
        Assert.Equal(WindowVerdict.Outside, window.Receive(new(0)));
        Assert.Equal(WindowVerdict.Ready, window.Receive(new(1)));
        Assert.Equal(0, window.Open);
        Assert.Equal(window.ExpCmdSn - 1, window.MaxCmdSn);
        window.Release();
        Assert.Equal(1, window.Open);
        for (var i = 0; i < 3; i++) window.Release();
        Assert.Throws<InvalidOperationException>(window.Release);
    }

    /// <summary>Against a plain set, over random arrivals around the wrap.</summary>
    [Fact]
    public void The_target_window_agrees_with_a_model()
    {
        Prop.ForAll(Gen.Choose(-2, 11).ArrayOf(200).ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), (steps, depth) =>
        {
            var first = new CmdSn(uint.MaxValue - 20);
            var window = new CommandWindow(first, depth);
            long exp = 0, max = depth - 1, taken = 0, released = 0;
            var held = new HashSet<long>();
            foreach (var step in steps)
            {
                if (step == 11)
                {
                    if (released < taken)
                    {
                        window.Release();
                        released++;
                        max++;
                    }
                    continue;
                }
                var at = exp + step;
                var verdict = window.Receive(first + (uint)at);
                if (at < exp || at > max) Assert.Equal(WindowVerdict.Outside, verdict);
                else if (held.Contains(at)) Assert.Equal(WindowVerdict.Duplicate, verdict);
                else if (at > exp) Assert.Equal(WindowVerdict.Held, verdict);
                else Assert.Equal(WindowVerdict.Ready, verdict);
                if (verdict == WindowVerdict.Held) held.Add(at);
                if (verdict != WindowVerdict.Ready) continue;
                exp++;
                taken++;
                while (window.TryTakeHeld(out var sn))
                {
                    Assert.True(held.Remove(exp));
                    Assert.Equal(first + (uint)exp, sn);
                    exp++;
                    taken++;
                }
                Assert.DoesNotContain(exp, held);
                Assert.Equal(first + (uint)exp, window.ExpCmdSn);
                Assert.Equal((int)(max - exp + 1), window.Open);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_initiator_takes_greater_numbers_only()
    {
        var window = new InitiatorWindow(new(5));
        Assert.True(window.CanSend);
        Assert.Equal(new CmdSn(5), window.Take());
        Assert.False(window.CanSend);
        Assert.Throws<InvalidOperationException>(() => window.Take());
        Assert.False(window.Update(new(6), new(4))); // MaxCmdSN below ExpCmdSN - 1: both ignored
        Assert.Equal(new CmdSn(5), window.ExpCmdSn);
        Assert.False(window.Update(new(6), new(5)));
        Assert.Equal(new CmdSn(6), window.ExpCmdSn);
        Assert.True(window.Update(new(6), new(69)));
        Assert.Equal(64, window.Open);
        Assert.False(window.Update(new(6), new(68))); // an older PDU
        Assert.Equal(64, window.Open);
    }
}
