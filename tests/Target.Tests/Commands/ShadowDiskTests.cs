using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>Random commands, many at a time, against a plain array.</summary>
public class ShadowDiskTests
{
    private const int Blocks = 600;

    [Theory]
    [InlineData(1, 512, "ram", 0)]
    [InlineData(2, 512, "ram", 4)]
    [InlineData(3, 4096, "ram", 4)]
    [InlineData(4, 512, "file", 4)]
    [InlineData(5, 4096, "file", 0)]
    public void The_disk_holds_what_was_written(int seed, int blockLength, string kind, int lanes)
    {
        var random = new Random(seed);
        var executor = new OrderExecutor(seed: seed);
        var timing = new StoreTiming(lanes);
        var path = Path.Combine(Path.GetTempPath(), $"weft-shadow-{Environment.ProcessId}-{seed}.img");
        BackStore store = kind == "ram" ? new RamStore("s", Blocks, blockLength, executor, timing) : FileStore.Create("s", path, Blocks, blockLength, executor, timing);
        try
        {
            var bed = new TestBed(store: store, options: new() { WriteCache = true }, buffers: 3);
            var shadow = new byte[Blocks * blockLength];
            for (var round = 0; round < 150; round++)
            {
                // Commands of one round touch ranges of their own, so that any order of them gives the same disk.
                var tasks = new List<(TestTask Task, Action Check)>();
                for (var i = 0; i < 6; i++) tasks.Add(Draw(random, bed, shadow, blockLength, i * 100, (ulong)i + 1));
                foreach (var (task, _) in tasks) bed.Submit(task);
                executor.Drain();
                foreach (var (_, check) in tasks) check();
            }
            var whole = new TestTask[Blocks / 100];
            for (var i = 0; i < whole.Length; i++)
            {
                whole[i] = bed.Submit(TestTask.For(Cdb.Read16((ulong)i * 100, 100), dataIn: 100 * blockLength));
                executor.Drain();
                Assert.Equal("Good", whole[i].Outcome);
                Assert.True(whole[i].DataIn.AsSpan().SequenceEqual(shadow.AsSpan(i * 100 * blockLength, 100 * blockLength)), $"hundred {i}");
            }
            Assert.Equal((0, 0), (bed.Port.Lent, store.Outstanding));
        }
        finally
        {
            store.Dispose();
            File.Delete(path);
        }
    }

    /// <summary>One command in the hundred blocks from <paramref name="from"/>; applies it to the shadow and says how to check its answer.</summary>
    private static (TestTask, Action) Draw(Random random, TestBed bed, byte[] shadow, int blockLength, int from, ulong tag)
    {
        var lba = from + random.Next(100);
        var count = 1 + random.Next(Math.Min(30, from + 100 - lba));
        var range = new Range(lba * blockLength, (lba + count) * blockLength);
        var data = random.Next(4) == 0 ? new byte[count * blockLength] : TestBed.Pattern(count * blockLength, random.Next());
        var before = shadow.AsSpan(range).ToArray();
        switch (random.Next(bed.Store.IsThin ? 8 : 7))
        {
            case 0 or 1:
                var read = TestTask.For(random.Next(2) == 0 ? Cdb.Read10((uint)lba, (ushort)count) : Cdb.Read6((uint)lba, count), dataIn: count * blockLength, tag: tag);
                return (read, () =>
                {
                    Assert.Equal("Good", read.Outcome);
                    Assert.True(read.DataIn.AsSpan().SequenceEqual(before));
                });
            case 2 or 3:
                data.CopyTo(shadow.AsSpan(range));
                return Good(TestTask.For(random.Next(2) == 0 ? Cdb.Write16((ulong)lba, (uint)count) : Cdb.WriteAndVerify10((uint)lba, (ushort)count, 1), data, tag: tag));
            case 4:
                var few = Math.Min(count, 8);
                var pair = new byte[2 * few * blockLength];
                before.AsSpan(0, few * blockLength).CopyTo(pair);
                data.AsSpan(0, few * blockLength).CopyTo(pair.AsSpan(few * blockLength));
                var differs = random.Next(2) == 0;
                if (differs) pair[random.Next(few * blockLength)] ^= 0x10;
                else data.AsSpan(0, few * blockLength).CopyTo(shadow.AsSpan(lba * blockLength));
                var swap = TestTask.For(Cdb.CompareAndWrite((ulong)lba, (byte)few), pair, tag: tag);
                return (swap, () => Assert.StartsWith(differs ? "Miscompare" : "Good", swap.Outcome));
            case 5:
                var verify = TestTask.For(Cdb.Verify10((uint)lba, (ushort)count, 1), before, tag: tag);
                return Good(verify);
            case 6:
                var block = data[..blockLength];
                for (var i = 0; i < count; i++) block.CopyTo(shadow.AsSpan((lba + i) * blockLength));
                return Good(TestTask.For(Cdb.WriteSame16((ulong)lba, (uint)count, unmap: bed.Store.IsThin && random.Next(2) == 0), block, tag: tag));
            default:
                shadow.AsSpan(range).Clear();
                var list = new byte[UnmapList.LengthFor(1)];
                UnmapList.Write(list, [new((ulong)lba, (uint)count)]);
                return Good(TestTask.For(Cdb.Unmap((ushort)list.Length), list, tag: tag));
        }
    }

    private static (TestTask, Action) Good(TestTask task) => (task, () => Assert.Equal("Good", task.Outcome));
}
