using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Scsi;

namespace Weft.Target.Tests.Iser;

public class AllocationTests
{
    private sealed class Loop
    {
        public Loop(Initiator.InitiatorSession session, Memory<byte> data)
        {
            Session = session;
            Command = new() { Data = data, Completed = Next };
        }

        public Initiator.InitiatorSession Session { get; }
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
    [InlineData(4096, false, false)]
    [InlineData(4096, true, false)]
    [InlineData(4096, true, true)]
    [InlineData(65536, false, false)]
    [InlineData(65536, true, true)]
    public void Commands_in_steady_state_allocate_nothing(int length, bool write, bool immediate) => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        if (immediate) lab.Target.Policy = KeyPolicy.ImmediateDataTarget();
        var session = await lab.AddInitiator().LoginAsync(Lab.TargetName, Lab.Portal);
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
