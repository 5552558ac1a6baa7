using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>What an initiator sees: masking, missing units, unit attentions.</summary>
public class NexusTests
{
    [Fact]
    public void A_number_without_a_unit_answers_as_such()
    {
        var bed = new TestBed();
        var inquiry = bed.Submit(TestTask.For(Cdb.Inquiry(36), dataIn: 36, lun: 3));
        Assert.Equal("Good", inquiry.Outcome);
        Assert.Equal(InquiryData.AbsentUnit, inquiry.DataIn[0]);
        Assert.Equal("IllegalRequest 25/00 (logical unit not supported)", bed.Submit(TestTask.For(Cdb.TestUnitReady(), lun: 3)).Outcome);
        Assert.Equal("IllegalRequest 25/00 (logical unit not supported) in-512", bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, lun: 3)).Outcome);
        var sense = bed.Submit(TestTask.For(Cdb.RequestSense(18), dataIn: 18, lun: 3));
        Assert.True(Sense.TryRead(sense.DataIn, out var told) && told.Additional == AdditionalSense.LunNotSupported);
        var luns = bed.Submit(TestTask.For(Cdb.ReportLuns(64), dataIn: 64, lun: 3));
        Assert.True(LunList.TryRead(luns.DataIn, out var present, out _) && present == 1);
        var wellKnown = TestTask.For(Cdb.TestUnitReady());
        wellKnown.Lun = Lun.ReportLuns;
        Assert.StartsWith("IllegalRequest 25/00", bed.Submit(wellKnown).Outcome);
    }

    [Fact]
    public void Groups_mask_units_by_name_and_may_be_read_only()
    {
        var target = new TargetDevice("t", announcesPowerOn: false);
        var (a, b, c) = (Disk(), Disk(), Disk());
        target.Luns.Default.Add(0, a);
        var group = target.Luns.AddGroup("cluster");
        group.AddInitiator("iqn.*:node?");
        group.AddInitiator("!iqn.*:node9");
        group.Add(300, c);
        group.Add(5, b, isReadOnly: true);
        Assert.Equal("0", Seen("iqn.test:other"));
        Assert.Equal("5 300", Seen("iqn.test:NODE1"));
        Assert.Equal("0", Seen("iqn.test:node9"));
        Assert.Equal("0", Seen("iqn.test:node10"));

        var port = new TestPort();
        var nexus = target.OpenNexus(port, new("iqn.test:node1", "p"));
        Assert.Equal("DataProtect 27/00 (write protected) out-512", Do(Cdb.Write10(0, 1), 5, new byte[512]));
        Assert.Equal("Good", Do(Cdb.Write10(0, 1), 300, new byte[512]));
        Assert.StartsWith("IllegalRequest 25/00", Do(Cdb.TestUnitReady(), 0));
        Assert.Throws<ArgumentException>(() => group.Add(5, a));

        string Do(Cdb cdb, int lun, byte[]? data = null)
        {
            var task = TestTask.For(cdb, data, lun: lun);
            target.Submit(nexus, task);
            return task.Outcome;
        }

        string Seen(string name)
        {
            var seen = target.OpenNexus(new TestPort(), new(name, name));
            var task = TestTask.For(Cdb.ReportLuns(256), dataIn: 256);
            target.Submit(seen, task);
            Assert.True(LunList.TryRead(task.DataIn, out var count, out _));
            return string.Join(' ', Enumerable.Range(0, count).Select(i => LunList.Entry(task.DataIn, i).Number));
        }

        static DiskUnit Disk() => new(new NullStore("n", 8));
    }

    [Fact]
    public void A_changed_map_is_told_once_and_reporting_luns_clears_it()
    {
        var bed = new TestBed();
        var second = new DiskUnit(new NullStore("n", 8));
        bed.Target.Luns.Default.Add(1, second);
        Assert.Equal("UnitAttention 3f/0e (reported LUNs data has changed)", bed.Do(Cdb.TestUnitReady()).Outcome);
        Assert.Equal("Good", bed.Do(Cdb.TestUnitReady()).Outcome);
        bed.Target.Luns.Default.Remove(1);
        Assert.Empty(second.Nexuses);
        Assert.Equal("Good in-48", bed.Do(Cdb.ReportLuns(64), dataIn: 64).Outcome);
        Assert.Equal("Good", bed.Do(Cdb.TestUnitReady()).Outcome);
    }

    [Fact]
    public void Report_luns_longer_than_a_buffer_comes_in_pieces()
    {
        var target = new TargetDevice("t", announcesPowerOn: false);
        var disk = new DiskUnit(new NullStore("n", 8));
        for (var i = 0; i < 8500; i++) target.Luns.Default.Add(i, disk);
        var task = TestTask.For(Cdb.ReportLuns(100_000), dataIn: 100_000);
        target.Submit(target.OpenNexus(new TestPort(), new("i", "i")), task);
        Assert.Equal("Good in-31992", task.Outcome);
        Assert.True(LunList.TryRead(task.DataIn, out var present, out _));
        Assert.Equal(Enumerable.Range(0, 8500), Enumerable.Range(0, present).Select(i => LunList.Entry(task.DataIn, i).Number));
    }

    [Fact]
    public void Attentions_come_by_severity_skip_the_inquiring_commands_and_clear_when_told()
    {
        var target = new TargetDevice("t");
        target.Luns.Default.Add(0, new DiskUnit(new NullStore("n", 8)));
        var nexus = target.OpenNexus(new TestPort(), new("i", "i"));
        nexus.Units[0].Establish(UnitAttention.ReportedLunsChanged);
        nexus.Units[0].Establish(UnitAttention.ModeParametersChanged);
        Assert.Equal("Good", Do(Cdb.Inquiry(36), 36));
        Assert.Equal("UnitAttention 29/01 (power on occurred)", Do(Cdb.TestUnitReady()));
        var sense = TestTask.For(Cdb.RequestSense(18), dataIn: 18);
        target.Submit(nexus, sense);
        Assert.True(Sense.TryRead(sense.DataIn, out var told));
        Assert.Equal(AdditionalSense.ModeParametersChanged, told.Additional);
        Assert.Equal("UnitAttention 3f/0e (reported LUNs data has changed) in-512", Do(Cdb.Read10(0, 1), 512));
        Assert.Equal("Good", Do(Cdb.Read10(0, 1), 512));

        string Do(Cdb cdb, int dataIn = 0)
        {
            var task = TestTask.For(cdb, dataIn: dataIn);
            target.Submit(nexus, task);
            return task.Outcome;
        }
    }

    [Fact]
    public void Misuse_by_a_front_end_is_refused()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor);
        var task = bed.Do(Cdb.Read10(0, 1), dataIn: 512);
        Assert.Throws<InvalidOperationException>(() => bed.Submit(task));
        Assert.Throws<InvalidOperationException>(task.TransferDone);
        Assert.Throws<InvalidOperationException>(task.BufferAvailable);
        bed.Target.CloseNexus(bed.Nexus);
        Assert.Throws<InvalidOperationException>(() => bed.Do(Cdb.TestUnitReady()));
        executor.Drain();
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("*b*b", "abab", true)]
    [InlineData("*b*b", "aba", false)]
    [InlineData("iqn.2024-*:host*", "IQN.2024-01.com:host12", true)]
    public void Patterns(string pattern, string name, bool fits) => Assert.Equal(fits, NamePattern.Fits(pattern, name));
}
