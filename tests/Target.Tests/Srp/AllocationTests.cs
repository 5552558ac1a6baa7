using Weft.Initiator.Commands;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using IserLab = Weft.Target.Tests.Iser.Lab;

namespace Weft.Target.Tests.Srp;

public class AllocationTests
{
    private sealed class Loop
    {
        public Loop(SrpSession session, Memory<byte> data)
        {
            Session = session;
            Command = new() { Data = data, Completed = Next };
        }

        public SrpSession Session { get; }
        public DiskCommand Command { get; }
        public int Left { get; set; }
        public int Failed { get; private set; }

        private void Next(DiskCommand command)
        {
            if (!command.IsGood) Failed++;
            if (--Left > 0) Session.Submit(command);
        }
    }

    /// <summary>Both ends, the engine and the simulated network together: in steady state a command allocates nothing.</summary>
    [Theory]
    [InlineData(4096, false, true, 1 << 20, false)]
    [InlineData(4096, true, true, 1 << 20, false)] // immediate data
    [InlineData(4096, true, false, 1 << 20, true)]
    [InlineData(65536, false, true, 8192, false)] // a table of descriptors
    [InlineData(65536, true, true, 8192, true)]
    public void Commands_in_steady_state_allocate_nothing(int length, bool write, bool immediate, int piece, bool srq) => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world, new() { UseSrq = srq, SrqSize = 256 });
        var session = await lab.AddInitiator().LoginAsync(lab.Address(), new() { UseImmediateData = immediate, MaxRegistrationLength = piece });
        var loops = new List<Loop>();
        for (var i = 0; i < 8; i++)
        {
            var loop = new Loop(session, new byte[length]) { Left = 200 };
            loop.Command.SetCdb(write ? Cdb.Write((ulong)i * 256, (uint)length / 512) : Cdb.Read((ulong)i * 256, (uint)length / 512));
            loops.Add(loop);
        }
        foreach (var loop in loops) session.Submit(loop.Command);
        await world.Until(() => loops.TrueForAll(l => l.Left == 0), "warm-up");
        var perCommand = double.MaxValue; // the least of several stretches: the runtime allocates when it compiles a method again, pools while they grow
        for (var stretch = 0; stretch < 8 && perCommand >= 8; stretch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var loop in loops) loop.Left = 400;
            foreach (var loop in loops) session.Submit(loop.Command);
            await world.Until(() => loops.TrueForAll(l => l.Left == 0), "commands");
            perCommand = Math.Min(perCommand, (GC.GetAllocatedBytesForCurrentThread() - before) / 3200.0);
        }
        Assert.All(loops, l => Assert.Equal(0, l.Failed));
        Assert.True(perCommand < 8, $"{perCommand} bytes per command");
        await session.LogoutAsync();
        await lab.StopAsync();
    });
}
