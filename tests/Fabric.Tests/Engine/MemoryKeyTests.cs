using Weft.Fabric.Engine;
using Weft.Fabric.Tests.Engine.Rig;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Tests.Engine;

/// <summary>Keys: who may touch which bytes, and for how long. IBA Vol 1 §10.6.</summary>
public class MemoryKeyTests
{
    private const AccessFlags RW = AccessFlags.LocalWrite | AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;

    [Theory]
    [InlineData(WorkOpcode.RdmaWrite, AccessFlags.RemoteWrite)]
    [InlineData(WorkOpcode.RdmaRead, AccessFlags.RemoteRead)]
    [InlineData(WorkOpcode.FetchAdd, AccessFlags.RemoteAtomic)]
    public void Permission_range_domain_and_key_all_count(WorkOpcode opcode, AccessFlags need)
    {
        const int size = 64;
        AccessFlags[] rights = [AccessFlags.None, AccessFlags.RemoteRead, AccessFlags.LocalWrite, AccessFlags.LocalWrite | AccessFlags.RemoteWrite,
            AccessFlags.LocalWrite | AccessFlags.RemoteAtomic, RW];
        foreach (var right in rights)
            foreach (var offset in new long[] { -8, 0, 8, size - 8, size, size + 8 })
                foreach (var foreign in new[] { false, true })
                    foreach (var wrongKey in new uint[] { 0, 1, 0x100, 0x8000_0000 })
                    {
                        var rig = new Pairing(memorySize: 4096);
                        var domain = foreign ? rig.B.Hca.AllocateProtectionDomain() : rig.B.Domain;
                        var region = domain.Register(new byte[size], right);
                        Assert.Null(rig.A.Qp.PostSend(new()
                        {
                            Opcode = opcode, Flags = SendFlags.Signaled, RemoteAddress = region.Address + (ulong)offset, Key = new(region.RKey.Value ^ wrongKey),
                        }, [rig.A.Sge(0, 8)]));
                        rig.Run();
                        var good = (right & need) != 0 && offset is >= 0 and <= size - 8 && !foreign && wrongKey == 0;
                        Assert.Equal(good ? CompletionStatus.Success : CompletionStatus.RemoteAccessError, Assert.Single(rig.A.Sent()).Status);
                        Assert.Equal(good ? [] : [AsyncEventType.QpAccessError], rig.B.Events.Select(e => e.Type));
                    }
    }

    [Theory, InlineData(AccessFlags.RemoteWrite), InlineData(AccessFlags.RemoteAtomic)]
    public void Remote_write_requires_local_write(AccessFlags access)
    {
        var rig = new Pairing(connect: false);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, Assert.Throws<VerbsException>(() => rig.A.Domain.Register(new byte[8], access)).Error.Code);
    }

    [Fact]
    public void Keys_and_addresses_are_the_same_in_every_run_and_never_alike()
    {
        static List<(uint, ulong)> Make()
        {
            var rig = new Pairing(connect: false);
            return [.. Enumerable.Range(1, 50).Select(i => rig.A.Domain.Register(new byte[i * 1000], AccessFlags.None)).Select(r => (r.RKey.Value, r.Address))];
        }
        var first = Make();
        Assert.Equal(first, Make());
        Assert.Equal(50, first.Select(x => x.Item1 >> 8).Distinct().Count());
        for (var i = 1; i < 50; i++) Assert.True(first[i].Item2 >= first[i - 1].Item2 + (ulong)i * 1000 + 4096);
    }

    [Fact]
    public void Stale_key_fails_after_its_index_is_used_again()
    {
        var rig = new Pairing();
        var region = rig.B.Domain.Register(new byte[64], RW);
        var (key, address) = (region.RKey, region.Address);
        Assert.Null(region.Deregister());
        Assert.Equal(VerbsErrorCode.NotFound, region.Deregister()!.Code);
        var next = rig.B.Domain.Register(new byte[64], RW, address);
        Assert.Equal(key.Value >> 8, next.RKey.Value >> 8);
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 8);
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteAccessError, Assert.Single(rig.A.Sent()).Status);
        Assert.NotEqual(key, next.RKey);
    }

    private static SendRequest Register(IMemoryRegion region, ulong address, RKey key, AccessFlags access = RW) =>
        new() { Opcode = WorkOpcode.RegisterMemory, Id = 70, Flags = SendFlags.Signaled, Region = region, RemoteAddress = address, Key = key, Access = access };

    [Fact]
    public void Fast_registration_maps_its_segments_in_order()
    {
        var rig = new Pairing();
        var backing = new byte[10_000];
        var region = rig.B.Domain.AllocateFastRegistration(8);
        Assert.False(region.IsValid);
        Assert.Null(region.SetSegments([backing.AsMemory(5000, 300), backing.AsMemory(0, 1), backing.AsMemory(100, 700)]));
        Assert.Null(rig.B.Qp.PostSend(Register(region, 0xABC0_0000, region.RKey.NextKey()), []));
        rig.Run();
        Assert.Equal(CompletionOpcode.RegisterMemory, Assert.Single(rig.B.Sent()).Opcode);
        Assert.True(region.IsValid);
        Assert.Equal((0xABC0_0000UL, 1001UL), (region.Address, region.Length));
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.RdmaWrite, RemoteAddress = region.Address, Key = region.RKey }, [rig.A.Sge(0, 1001)]));
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.RdmaRead, RemoteAddress = region.Address + 299, Key = region.RKey }, [rig.A.Sge(5000, 3)]));
        rig.Run();
        byte[] got = [.. backing[5000..5300], backing[0], .. backing[100..800]];
        Assert.True(rig.A.Bytes(0, 1001).SequenceEqual(got));
        Assert.True(rig.A.Bytes(5000, 3).SequenceEqual(rig.A.Bytes(299, 3)));
    }

    [Theory, InlineData("valid"), InlineData("index"), InlineData("segments"), InlineData("ordinary"), InlineData("domain"), InlineData("access")]
    public void Fast_registration_that_is_refused(string why)
    {
        var rig = new Pairing();
        var domain = why == "domain" ? rig.A.Hca.AllocateProtectionDomain() : rig.A.Domain;
        var region = why == "ordinary" ? rig.A.Region : domain.AllocateFastRegistration(2);
        if (why is not ("segments" or "ordinary")) Assert.Null(region.SetSegments([new byte[100]]));
        if (why == "valid")
        {
            Assert.Null(rig.A.Qp.PostSend(Register(region, 0, region.RKey), []));
            rig.Settle();
            Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
            Assert.Null(region.SetSegments([new byte[100]]));
        }
        var key = why == "index" ? new RKey(region.RKey.Value + 0x100) : region.RKey.NextKey();
        Assert.Null(rig.A.Qp.PostSend(Register(region, 0, key, why == "access" ? AccessFlags.RemoteWrite : RW), []));
        rig.Run();
        Assert.Equal(CompletionStatus.LocalQpOperationError, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(QpState.Error, rig.A.Qp.State);
    }

    [Fact]
    public void Segments_are_bounded()
    {
        var rig = new Pairing(connect: false);
        var region = rig.A.Domain.AllocateFastRegistration(2);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, region.SetSegments([])!.Code);
        Assert.Equal(VerbsErrorCode.InvalidAttribute, region.SetSegments([new byte[1], new byte[1], new byte[1]])!.Code);
        Assert.Equal(VerbsErrorCode.NotSupported, rig.A.Region.SetSegments([new byte[1]])!.Code);
        Assert.Throws<VerbsException>(() => rig.A.Domain.AllocateFastRegistration(513));
    }

    private static (Pairing Rig, IMemoryRegion Region) Registered(AccessFlags access = RW, EngineLimits? limits = null)
    {
        var rig = new Pairing(limits: limits);
        var region = rig.B.Domain.AllocateFastRegistration(4);
        Assert.Null(region.SetSegments([new byte[4000]]));
        Assert.Null(rig.B.Qp.PostSend(Register(region, 0x10000, region.RKey.NextKey(), access), []));
        rig.Run();
        rig.B.Sent();
        return (rig, region);
    }

    [Fact]
    public void Send_with_invalidate_frees_the_region_and_says_which()
    {
        var (rig, region) = Registered();
        rig.B.Receive(1, 0, 100);
        rig.A.Post(WorkOpcode.SendWithInvalidate, 1, 0, 8, key: region.RKey);
        rig.Run();
        var received = Assert.Single(rig.B.Received());
        Assert.Equal((CompletionFlags.WithInvalidate, region.RKey.Value), (received.Flags, received.ImmediateOrKey));
        Assert.False(region.IsValid);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 8, key: region.RKey);
        rig.Run();
        Assert.Equal([CompletionStatus.Success, CompletionStatus.RemoteAccessError], rig.A.Sent().Select(c => c.Status));
    }

    [Theory, InlineData("key"), InlineData("ordinary"), InlineData("local only"), InlineData("type 1")]
    public void Send_with_invalidate_of_what_may_not_be(string what)
    {
        var (rig, region) = Registered(what == "local only" ? AccessFlags.LocalWrite : RW);
        rig.B.Receive(1, 0, 1000);
        var key = what switch
        {
            "key" => region.RKey.NextKey(),
            "ordinary" => rig.B.Region.RKey,
            "type 1" => BoundWindow(rig, MemoryWindowType.Type1).RKey,
            _ => region.RKey,
        };
        rig.A.Post(WorkOpcode.SendWithInvalidate, 1, 0, 600, key: key);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(CompletionStatus.RemoteInvalidRequest, Assert.Single(rig.B.Received()).Status);
        Assert.Equal(QpState.Error, rig.B.Qp.State);
        Assert.True(region.IsValid);
    }

    [Theory, InlineData(0, CompletionStatus.Success), InlineData(1, CompletionStatus.LocalQpOperationError)]
    public void Local_invalidate_needs_the_exact_key(uint difference, CompletionStatus expected)
    {
        var (rig, region) = Registered();
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.LocalInvalidate, Flags = SendFlags.Signaled, Key = new(region.RKey.Value ^ difference) }, []));
        rig.Run();
        Assert.Equal(expected, Assert.Single(rig.B.Sent()).Status);
        Assert.Equal(expected != CompletionStatus.Success, region.IsValid);
    }

    [Fact]
    public void Local_invalidate_waits_until_nothing_before_it_can_be_sent_again()
    {
        var (rig, region) = Registered();
        rig.A.Receive(1, 0, 4000);
        rig.Wire.Policy = s => s.Index == rig.Wire.Log[0].Index + 1 ? Fate.Drop : Fate.Deliver;
        rig.Wire.Log.Clear();
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.Send, Id = 1, Flags = SendFlags.Signaled }, [new(region.Address, 2000, region.LKey)]));
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.LocalInvalidate, Id = 2, Flags = SendFlags.Signaled, Key = region.RKey }, []));
        Assert.True(region.IsValid);
        rig.Run();
        Assert.Equal([(1UL, CompletionStatus.Success), (2UL, CompletionStatus.Success)], rig.B.Sent().Select(c => (c.Id, c.Status)));
        Assert.False(region.IsValid);
        Assert.Single(rig.A.Received());
    }

    [Fact]
    public void Registration_takes_effect_before_the_send_that_advertises_it_and_is_not_repeated()
    {
        var rig = new Pairing();
        var region = rig.B.Domain.AllocateFastRegistration(1);
        Assert.Null(region.SetSegments([new byte[100]]));
        rig.A.Receive(1, 0, 10);
        rig.Wire.Policy = s => s.Index == 0 ? Fate.Drop : Fate.Deliver; // the SEND is repeated, with the registration in front of it
        Assert.Null(rig.B.Qp.PostSend(Register(region, 0x5000, region.RKey.NextKey()), []));
        rig.B.Post(WorkOpcode.Send, 71, 0, 8);
        Assert.True(region.IsValid);
        rig.Run();
        Assert.Equal([70UL, 71UL], rig.B.Sent().Select(c => c.Id));
    }

    private static IMemoryWindow BoundWindow(Pairing rig, MemoryWindowType type, AccessFlags access = RW, ulong offset = 100, ulong length = 200, IMemoryRegion? region = null)
    {
        var window = rig.B.Domain.AllocateWindow(type);
        Assert.Null(rig.B.Qp.PostSend(Bind(window, region ?? rig.B.Region, offset, length, access), []));
        rig.Settle();
        Assert.Equal((CompletionStatus.Success, CompletionOpcode.BindMemoryWindow), rig.B.Sent().Select(c => (c.Status, c.Opcode)).Single());
        Assert.True(window.IsBound);
        return window;
    }

    private static SendRequest Bind(IMemoryWindow window, IMemoryRegion region, ulong offset, ulong length, AccessFlags access = RW) => new()
    {
        Opcode = WorkOpcode.BindMemoryWindow, Flags = SendFlags.Signaled, Window = window, Region = region, RemoteAddress = region.Address + offset, Length = length,
        Access = access, Key = window.RKey.NextKey(),
    };

    [Theory, InlineData(MemoryWindowType.Type1), InlineData(MemoryWindowType.Type2)]
    public void Window_opens_a_part_of_a_region(MemoryWindowType type)
    {
        foreach (var (offset, length, good) in new[] { (100, 200, true), (299, 1, true), (99, 1, false), (299, 2, false), (300, 1, false) })
        {
            var rig = new Pairing();
            var window = BoundWindow(rig, type);
            rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, length, rig.B, offset, key: window.RKey);
            rig.Run();
            Assert.Equal(good ? CompletionStatus.Success : CompletionStatus.RemoteAccessError, Assert.Single(rig.A.Sent()).Status);
            if (good) Assert.True(rig.A.Bytes(0, length).SequenceEqual(rig.B.Bytes(offset, length)));
        }
    }

    [Fact]
    public void Window_rights_are_its_own()
    {
        var rig = new Pairing();
        var window = BoundWindow(rig, MemoryWindowType.Type2, AccessFlags.RemoteRead);
        rig.A.Post(WorkOpcode.RdmaRead, 1, 0, 10, rig.B, 100, key: window.RKey);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 10, rig.B, 100, key: window.RKey);
        rig.Run();
        Assert.Equal([CompletionStatus.Success, CompletionStatus.RemoteAccessError], rig.A.Sent().Select(c => c.Status));
    }

    [Fact]
    public void Zero_based_window_counts_from_its_beginning()
    {
        var rig = new Pairing();
        var window = BoundWindow(rig, MemoryWindowType.Type2, RW | AccessFlags.ZeroBased);
        Assert.Null(rig.A.Qp.PostSend(new() { Opcode = WorkOpcode.RdmaWrite, RemoteAddress = 5, Key = window.RKey }, [rig.A.Sge(0, 10)]));
        rig.Run();
        Assert.True(rig.A.Bytes(0, 10).SequenceEqual(rig.B.Bytes(105, 10)));
    }

    [Fact]
    public void Type_2_window_serves_the_qp_it_was_bound_on_only()
    {
        var rig = new Pairing();
        var window = BoundWindow(rig, MemoryWindowType.Type2);
        var (first, second) = (rig.A.Qp, rig.B.Qp);
        rig.A.Qp = rig.A.Domain.CreateQueuePair(rig.Init(rig.A, QpType.ReliableConnected));
        rig.B.Qp = rig.B.Domain.CreateQueuePair(rig.Init(rig.B, QpType.ReliableConnected));
        rig.ToReady(rig.A, rig.B);
        rig.ToReady(rig.B, rig.A);
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 10, rig.B, 100, key: window.RKey);
        rig.Run();
        Assert.Equal(CompletionStatus.RemoteAccessError, Assert.Single(rig.A.Sent()).Status);
        Assert.Equal(QpState.ReadyToSend, second.State);
        Assert.NotEqual(first.Number, rig.A.Qp.Number);
    }

    [Theory, InlineData("bound"), InlineData("range"), InlineData("right"), InlineData("write"), InlineData("domain"), InlineData("index")]
    public void Window_bind_that_is_refused(string why)
    {
        var rig = new Pairing();
        var other = rig.B.Hca.AllocateProtectionDomain();
        var region = why switch
        {
            "right" => rig.B.Domain.Register(new byte[1000], RW),
            "write" => rig.B.Domain.Register(new byte[1000], AccessFlags.MemoryWindowBind | AccessFlags.RemoteRead),
            "domain" => other.Register(new byte[1000], RW | AccessFlags.MemoryWindowBind),
            _ => rig.B.Region,
        };
        var window = why == "bound" ? BoundWindow(rig, MemoryWindowType.Type2) : rig.B.Domain.AllocateWindow(MemoryWindowType.Type2);
        var request = Bind(window, region, why == "range" ? region.Length - 10 : 0, 20);
        if (why == "index") request.Key = new(request.Key.Value + 0x100);
        Assert.Null(rig.B.Qp.PostSend(request, []));
        rig.Run();
        Assert.Equal(CompletionStatus.MemoryWindowBindError, Assert.Single(rig.B.Sent()).Status);
    }

    [Fact]
    public void Type_1_window_may_be_bound_again_and_gets_a_new_key()
    {
        var rig = new Pairing();
        var window = BoundWindow(rig, MemoryWindowType.Type1);
        var old = window.RKey;
        Assert.Null(rig.B.Qp.PostSend(Bind(window, rig.B.Region, 500, 10), []));
        rig.Settle();
        Assert.NotEqual(old, window.RKey);
        rig.A.Post(WorkOpcode.RdmaWrite, 1, 0, 10, rig.B, 500, key: window.RKey);
        rig.A.Post(WorkOpcode.RdmaWrite, 2, 0, 10, rig.B, 100, key: old);
        rig.Run();
        Assert.Equal([CompletionStatus.Success, CompletionStatus.RemoteAccessError], rig.A.Sent().Select(c => c.Status));
    }

    [Fact]
    public void Region_under_a_window_is_busy()
    {
        var (rig, region) = Registered(RW | AccessFlags.MemoryWindowBind);
        var window = BoundWindow(rig, MemoryWindowType.Type2, region: region);
        Assert.Equal(VerbsErrorCode.Busy, region.Deregister()!.Code);
        Assert.Null(window.Deallocate());
        Assert.Null(region.Deregister());
        window = BoundWindow(rig, MemoryWindowType.Type2);
        Assert.Equal(VerbsErrorCode.Busy, rig.B.Region.Deregister()!.Code);
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.LocalInvalidate, Key = window.RKey }, []));
        rig.Run();
        Assert.False(window.IsBound);
        Assert.Null(rig.B.Region.Deregister());
    }

    [Fact]
    public void Local_invalidate_of_a_region_under_a_window_fails()
    {
        var (rig, region) = Registered(RW | AccessFlags.MemoryWindowBind);
        BoundWindow(rig, MemoryWindowType.Type2, region: region);
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.LocalInvalidate, Key = region.RKey }, []));
        rig.Run();
        Assert.Equal(CompletionStatus.LocalQpOperationError, Assert.Single(rig.B.Sent()).Status);
        Assert.True(region.IsValid);
    }

    [Fact]
    public void Window_key_is_no_local_key()
    {
        var rig = new Pairing();
        var window = BoundWindow(rig, MemoryWindowType.Type2);
        Assert.Null(rig.B.Qp.PostSend(new() { Opcode = WorkOpcode.Send }, [new(rig.B.Region.Address + 100, 10, new(window.RKey.Value))]));
        rig.Run();
        Assert.Equal(CompletionStatus.LocalProtectionError, Assert.Single(rig.B.Sent()).Status);
    }

    [Fact]
    public void Domain_is_busy_until_everything_is_given_back()
    {
        var rig = new Pairing(connect: false);
        var domain = rig.A.Hca.AllocateProtectionDomain();
        var before = rig.A.Hca.Resources;
        var region = domain.Register(new byte[10], RW);
        var window = domain.AllocateWindow(MemoryWindowType.Type1);
        var srq = domain.CreateSharedReceiveQueue(10);
        var handle = domain.CreateAddressHandle(rig.Path(rig.A, rig.B));
        var qp = domain.CreateQueuePair(new(QpType.ReliableConnected, rig.A.SendCq, rig.A.ReceiveCq, srq));
        Assert.Equal(VerbsErrorCode.Busy, srq.Destroy()!.Code);
        foreach (var give in new Action[] { () => qp.Destroy(), () => srq.Destroy(), () => handle.Destroy(), () => window.Deallocate(), () => region.Deregister() })
        {
            Assert.Equal(VerbsErrorCode.Busy, domain.Deallocate()!.Code);
            give();
        }
        Assert.Equal(before, rig.A.Hca.Resources);
        Assert.Null(domain.Deallocate());
        Assert.Throws<VerbsException>(() => domain.Register(new byte[10], RW));
    }
}
