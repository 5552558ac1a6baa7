using Weft.Initiator;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Catalog;

/// <summary>The whole life of a session: discovery, login, INQUIRY, capacity, writes and reads of several sizes, flush, logout.</summary>
internal sealed class IserBasic : Scenario
{
    private static readonly Setting Rounds = new("rounds", 4, 1, 10_000, "rounds", "Write, read back and compare so many times.");
    private static readonly int[] Sizes = [512, 4096, 65536, 262144];

    public override string Name => "iser-basic";
    public override string Claim => "Discovery, login, I/O and logout over iSER work, and what was written is what is read.";
    public override string Source => "RFC 7145; RFC 7143; captures of open-iscsi against LIO";
    public override string? NotLive => null;
    public override int Weight => 20;
    public override IReadOnlyList<Setting> Settings { get; } = [Rounds, .. CommonSettings.Links];

    public override async Task RunAsync(ScenarioWorld world)
    {
        var target = world.AddTarget();
        var initiator = world.AddInitiator();
        var found = await initiator.DiscoverAsync(target.Endpoint);
        world.Claim(found.Count == 1 && found[0].Name == TargetNode.TargetName, "discovery", "RFC 7143 appendix C", $"discovery finds the one target, and found {found.Count}");
        var session = await initiator.LoginAsync(found[0]);
        var luns = await session.ListLunsAsync();
        world.Claim(luns.Count == 1, "report-luns", "SPC-4 6.33", $"one LUN is reported, and were {luns.Count}");
        var disk = session.OpenDisk(luns[0]);
        var inquiry = await disk.InquiryAsync();
        world.Claim(inquiry.Vendor.StartsWith("WEFT", StringComparison.Ordinal), "inquiry", "SPC-4 6.6", $"the vendor is WEFT, and is '{inquiry.Vendor}'");
        var capacity = await disk.ReadCapacityAsync();
        world.Claim(capacity.LastLba + 1 == target.Stores[0].Blocks, "capacity", "SBC-3 5.16", $"the last block is {target.Stores[0].Blocks - 1}, and is {capacity.LastLba}");
        for (var round = 0; round < world.Settings.Get(Rounds); round++)
        {
            foreach (var size in Sizes)
            {
                var written = new byte[size];
                for (var i = 0; i < size; i++) written[i] = (byte)(i * 31 + (i >> 8) + round);
                var lba = (ulong)(round * 1024 + size / 512);
                await world.ClaimDone(() => disk.WriteAsync(lba, written), "write", "SBC-3 5.30");
                var read = new byte[size];
                await world.ClaimDone(() => disk.ReadAsync(lba, read), "read", "SBC-3 5.10");
                world.Claim(read.AsSpan().SequenceEqual(written), "data", "SBC-3 4.2", $"{size} bytes at block {lba} read back as written");
            }
        }
        await world.ClaimDone(disk.FlushAsync, "flush", "SBC-3 5.22");
        await session.LogoutAsync();
        world.Claim(session.State == SessionState.Closed, "logout", "RFC 7143 6.9", $"the session is closed, and is {session.State}");
    }
}
