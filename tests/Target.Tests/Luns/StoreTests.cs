using Weft.Target.Luns;

namespace Weft.Target.Tests.Luns;

public class StoreTests
{
    private sealed class Ask : StoreRequest
    {
        public int Answers;
        public override void Completed() => Answers++;
    }

    private static Ask Do(IBackStore store, StoreOperation operation, ulong lba, long blocks, byte[]? data = null, bool repeated = false)
    {
        var ask = new Ask { Operation = operation, Lba = lba, Blocks = blocks, Data = data, IsRepeated = repeated };
        store.Submit(ask);
        Assert.Equal(1, ask.Answers);
        return ask;
    }

    [Fact]
    public void A_huge_ram_disk_takes_memory_only_for_what_is_written_and_gives_it_back()
    {
        var store = new RamStore("r", 1UL << 40);
        Assert.Equal(0, store.Footprint);
        var block = new byte[512];
        block[5] = 1;
        Do(store, StoreOperation.Write, (1UL << 40) - 1, 1, block);
        Do(store, StoreOperation.Write, 63, 1, block);
        Assert.Equal(2 * 32768, store.Footprint);
        var back = new byte[1024];
        Do(store, StoreOperation.Read, 62, 2, back);
        Assert.Equal((0, 1), (back[5], back[512 + 5]));
        Assert.Equal(63, store.QueryMapping(0, 1000, out var mapped));
        Assert.False(mapped);
        Assert.Equal(1, store.QueryMapping(63, 1000, out mapped));
        Assert.True(mapped);
        Assert.Equal(1000, store.QueryMapping(64, 1000, out mapped));
        Assert.False(mapped);
        Do(store, StoreOperation.Discard, 0, 1000);
        Do(store, StoreOperation.Read, 62, 2, back);
        Assert.Equal(new byte[1024], back);
        Assert.Equal(1000, store.QueryMapping(0, 1000, out mapped));
        Do(store, StoreOperation.Write, 5000, 1, block); // reuses the memory that was given back, which must be clean
        Do(store, StoreOperation.Read, 5001, 2, back);
        Assert.Equal(new byte[1024], back);
    }

    [Fact]
    public void Comparisons_name_the_first_difference_and_see_zeros_in_holes()
    {
        foreach (var store in Stores())
        {
            var data = new byte[200 * 512];
            Assert.Equal(StoreStatus.Done, Do(store, StoreOperation.Compare, 10, 200, data).Status);
            data[77_777] = 1;
            var ask = Do(store, StoreOperation.Compare, 10, 200, data);
            Assert.Equal((StoreStatus.Miscompare, 77_777L), (ask.Status, ask.Position));
            Do(store, StoreOperation.Write, 10, 200, data);
            Assert.Equal(StoreStatus.Done, Do(store, StoreOperation.Compare, 10, 200, data).Status);
            ask = Do(store, StoreOperation.Compare, 10, 200, new byte[512], repeated: true);
            Assert.Equal((StoreStatus.Miscompare, 77_777L), (ask.Status, ask.Position));
            Do(store, StoreOperation.WriteSame, 10, 200, data[(151 * 512)..(152 * 512)]);
            Assert.Equal(StoreStatus.Done, Do(store, StoreOperation.Compare, 10, 200, data[(151 * 512)..(152 * 512)], repeated: true).Status);
            Do(store, StoreOperation.Discard, 10, 200);
            Assert.Equal(StoreStatus.Done, Do(store, StoreOperation.Compare, 10, 200, new byte[512], repeated: true).Status);
            Do(store, StoreOperation.Verify, 0, 300);
            Do(store, StoreOperation.Flush, 0, 0);
            ((BackStore)store).Dispose();
        }

        static IEnumerable<IBackStore> Stores()
        {
            yield return new RamStore("r", 300);
            var path = Path.Combine(Path.GetTempPath(), $"weft-store-{Environment.ProcessId}.img");
            yield return FileStore.Create("f", path, 300);
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_reports_what_the_system_reports()
    {
        var path = Path.Combine(Path.GetTempPath(), $"weft-file-{Environment.ProcessId}.img");
        try
        {
            using (var made = FileStore.Create("f", path, 16)) Do(made, StoreOperation.Write, 3, 1, Enumerable.Repeat((byte)7, 512).ToArray());
            using var locked = FileStore.Open("f", path, isReadOnly: true);
            Assert.Equal((16UL, true), (locked.Blocks, locked.IsReadOnly));
            var back = new byte[512];
            Do(locked, StoreOperation.Read, 3, 1, back);
            Assert.Equal(7, back[511]);
            Assert.Equal(StoreStatus.ReadOnly, Do(locked, StoreOperation.Write, 3, 1, back).Status);
            if (File.Exists("/dev/full")) // every write there ends with "no space left"
            {
                using var full = new FullFile();
                Assert.Equal(StoreStatus.NoSpace, full.Write().Status);
            }
            File.WriteAllBytes(path, new byte[100]);
            Assert.Throws<IOException>(() => FileStore.Open("f", path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class FullFile : IDisposable
    {
        private readonly FileStore store = FileStore.OpenHandle("full", File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write), 16);
        public StoreRequest Write() => Do(store, StoreOperation.Write, 0, 1, new byte[512]);
        public void Dispose() => store.Dispose();
    }

    [Fact]
    public void A_range_off_the_medium_is_the_askers_fault()
    {
        var store = new NullStore("n", 100);
        Assert.Throws<ArgumentException>(() => Do(store, StoreOperation.Read, 99, 2, new byte[1024]));
        Assert.Throws<ArgumentException>(() => Do(store, StoreOperation.Verify, 101, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NullStore("n", 100, 520));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NullStore("n", 0));
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Do(store, StoreOperation.Flush, 0, 0));
    }
}
