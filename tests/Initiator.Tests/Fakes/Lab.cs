namespace Weft.Initiator.Tests.Fakes;

/// <summary>A world with one initiator on a fake device, and the check that nothing is left of it.</summary>
internal sealed class Lab
{
    public static readonly IpEndpoint Portal = new(Gid.Parse("10.9.0.11"), 3260);
    public const string Name = "iqn.2024-01.lab:t1";

    /// <summary>Makes the host of every lab of this thread: a host with a bug put back.</summary>
    [ThreadStatic]
    public static Func<FakeDevice, InitiatorHost>? Mutant;

    public Lab()
    {
        World = new();
        Node = World.AddHost("h1");
        Target = new();
        Device = new(Node, Target);
        Target.Device = Device;
        Host = Mutant?.Invoke(Device) ?? new InitiatorHost(Device, "iqn.2024-01.lab:me");
    }

    public World World { get; }
    public SimNode Node { get; }
    public FakeTarget Target { get; }
    public FakeDevice Device { get; }
    public InitiatorHost Host { get; }

    /// <summary>Runs a script to its end, logs out, and asserts that nothing is left: no object, no timer, no pending work.</summary>
    public static void Run(Func<Lab, Task> script)
    {
        var lab = new Lab();
        var result = lab.World.Run(async w =>
        {
            await script(lab);
            await lab.Host.CloseAsync();
            await w.Idle();
        });
        Assert.True(result.HasPassed, result + "\n" + result.Exception);
        Assert.Equal(default, lab.Device.Resources);
        Assert.Empty(lab.Device.Handlers);
        Assert.Empty(lab.Node.ArmedTimers);
        Assert.Empty(lab.Host.Sessions);
    }

    public ValueTask<InitiatorSession> LoginAsync(SessionOptions? options = null) => Host.LoginAsync(Name, Portal, options);
    public ValueTask Delay(double seconds) => World.Delay(Duration.FromSeconds(seconds));

    /// <summary>A read command of some bytes at LUN 0 that notes its end in <paramref name="ended"/>.</summary>
    public static DiskCommand Read(byte[] data, List<DiskCommand>? ended = null, int retries = 0)
    {
        var command = new DiskCommand { Data = data, Retries = retries, Completed = c => ended?.Add(c) };
        command.SetCdb(Cdb.Read10(0, (ushort)(data.Length / 512)));
        return command;
    }

    public static DiskCommand Write(byte[] data, List<DiskCommand>? ended = null, int retries = 0)
    {
        var command = new DiskCommand { Data = data, Retries = retries, Completed = c => ended?.Add(c) };
        command.SetCdb(Cdb.Write10(0, (ushort)(data.Length / 512)));
        return command;
    }
}
