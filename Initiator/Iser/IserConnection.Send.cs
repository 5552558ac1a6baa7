using Weft.Initiator.Commands;
using Weft.Initiator.Iscsi;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Iser;

namespace Weft.Initiator.Iser;

// Messages to the target, and the memory that they hand over.
internal partial class IserConnection
{
    /// <summary>Send-queue entries of one command slot: invalidate of the last use, register, send, invalidate.</summary>
    private const int WorkPerCommand = 4;
    private const int MaxDataOutHeaders = 512;

    private readonly int maxDataOuts;
    private readonly IscsiTask?[] controlTasks = new IscsiTask?[IserArena.Controls];
    private readonly bool[] isControlBusy = new bool[IserArena.Controls];
    private int freeControls = IserArena.Controls;
    private int nextDataOut, usedDataOuts;
    private int maxImmediate, maxUnsolicited, pieceLength;

    /// <summary>Nothing may be posted behind the drain markers: it would complete after its memory is gone.</summary>
    internal virtual bool MayPost => IsOpen;

    private bool Post(in SendRequest request, ReadOnlySpan<Sge> sges)
    {
        if (!MayPost) return false;
        if (qp!.PostSend(request, sges) is not { } error) return true;
        Lose(new(LossKind.TransportError, $"{request.Opcode} refused: {error}"));
        return false;
    }

    // Login.

    private protected override Span<byte> LoginText => arena!.LoginSend.Span[IserMessage.HeadersLength..];

    private protected override void SendLogin(in LoginRequestPdu request)
    {
        if (!hasReceivesPosted && !PostReceive(IserWork.LoginReceive, 0)) return;
        if (IsFinalLogin && !IsDiscovery) PostAllReceives(); // before the answer that opens full feature phase can come
        var piece = arena!.LoginSend;
        var length = request.DataSegmentLength;
        IserHeader.Plain.Write(piece.Span);
        request.Write(piece.Span[IserHeader.Length..]);
        Post(new() { Id = IdOf(IserWork.LoginSend), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [piece.First(IserMessage.HeadersLength + Pad(piece.Span, length))]);
    }

    // open-iscsi pads data segments over RDMA too.
    private static int Pad(Span<byte> message, int dataLength)
    {
        var padded = (dataLength + 3) & ~3;
        message[(IserMessage.HeadersLength + dataLength)..(IserMessage.HeadersLength + padded)].Clear();
        return padded;
    }

    // Control messages.

    private protected override bool CanSendControl => freeControls > 0;

    private protected override void SendControl(IscsiTask? task, in Bhs header, ReadOnlySpan<byte> data)
    {
        var index = Array.IndexOf(isControlBusy, false);
        var piece = arena!.Control(index);
        IserHeader.Plain.Write(piece.Span);
        header.Write(piece.Span[IserHeader.Length..]);
        data.CopyTo(piece.Span[IserMessage.HeadersLength..]);
        if (!Post(new() { Id = IdOf(IserWork.ControlSend, index), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled },
            [piece.First(IserMessage.HeadersLength + Pad(piece.Span, data.Length))])) return;
        isControlBusy[index] = true;
        freeControls--;
        controlTasks[index] = task;
        if (task is IserTask mine) mine.SendsPending++;
    }

    private void OnControlSent(int index)
    {
        isControlBusy[index] = false;
        freeControls++;
        var task = (IserTask?)controlTasks[index];
        controlTasks[index] = null;
        if (task is null) return;
        task.SendsPending--;
        CheckSettled(task);
    }

    // Commands.

    private int CountDataOuts()
    {
        if (IsDiscovery || Settings.Login.Policy.Flag(KeyId.InitialR2T)) return 0;
        var each = Math.Max(512, (int)Settings.Login.Policy.Number(KeyId.TargetRecvDataSegmentLength));
        var burst = (int)Math.Min(Settings.Login.Policy.Number(KeyId.FirstBurstLength), (uint)Options.MaxDataLength);
        return (int)Math.Min((long)Options.MaxCommands * ((burst + each - 1) / each), MaxDataOutHeaders);
    }

    private protected override void OnFullFeature()
    {
        if (IsDiscovery)
        {
            return;
        }
        pieceLength = Parameters.TargetRecvDataSegmentLength;
        maxImmediate = Parameters.ImmediateData ? Math.Min(Parameters.FirstBurstLength, pieceLength) : 0;
        maxUnsolicited = Parameters.InitialR2T ? maxImmediate : Parameters.FirstBurstLength;
    }

    private int Unsolicited(DiskCommand command, out int immediate, out int dataOuts)
    {
        (immediate, dataOuts) = (0, 0);
        if (command.Direction != DataDirection.Out) return 0;
        immediate = Math.Min(command.Data.Length, maxImmediate);
        var unsolicited = Math.Min(command.Data.Length, maxUnsolicited);
        dataOuts = (unsolicited - immediate + pieceLength - 1) / pieceLength;
        if (dataOuts <= maxDataOuts) return unsolicited;
        dataOuts = 0; // more than there are headers for: the target fetches it all
        return immediate;
    }

    private protected override bool CanSendCommand(DiskCommand command)
    {
        Unsolicited(command, out _, out var dataOuts);
        return usedDataOuts + dataOuts <= maxDataOuts;
    }

    private protected override void SendCommand(IscsiTask task, ScsiCommandPdu header)
    {
        var mine = (IserTask)task;
        var command = task.Command!;
        var unsolicited = Unsolicited(command, out var immediate, out var dataOuts);
        (mine.SendsPending, mine.IsInvalidating, mine.DataOuts, mine.RemoteKey) = (0, false, dataOuts, null);

        var length = command.Direction == DataDirection.None ? 0 : command.Data.Length;
        var isRemote = length > unsolicited;
        Sge memory = default;
        if (length > 0 && !TryMap(mine, command, isRemote, out memory)) return;

        var iser = IserHeader.Plain;
        if (isRemote && command.Direction == DataDirection.In)
            iser = iser with { Flags = iser.Flags | IserFlags.ReadStagValid, ReadStag = mine.RemoteKey!.Value, ReadVa = memory.Address };
        else if (isRemote)
            iser = iser with { Flags = iser.Flags | IserFlags.WriteStagValid, WriteStag = mine.RemoteKey!.Value, WriteVa = WriteVa(memory.Address, unsolicited) };

        var piece = arena!.Command(task.Slot);
        var ahs = command.CdbLength > CdbBytes.Length ? Ahs.ExtendedCdb(command.Cdb) : default;
        var ahsLength = command.CdbLength > CdbBytes.Length ? ahs.TotalLength : 0;
        iser.Write(piece.Span);
        (header with { Final = dataOuts == 0, DataSegmentLength = immediate, AhsLength = ahsLength }).Write(piece.Span[IserHeader.Length..]);
        if (ahsLength > 0) ahs.Write(piece.Span[IserMessage.HeadersLength..]);

        var first = piece.First(IserMessage.HeadersLength + ahsLength);
        var request = new SendRequest { Opcode = WorkOpcode.Send };
        if (dataOuts == 0) (request.Id, request.Flags) = (IdOf(IserWork.CommandSend, task.Slot), SendFlags.Signaled);
        else request.Id = IdOf(IserWork.Unsignaled, task.Slot);
        var isPosted = immediate > 0 ? Post(request, [first, memory with { Length = (uint)immediate }]) : Post(request, [first]);
        if (isPosted && dataOuts > 0) isPosted = SendDataOuts(mine, command, memory, immediate, unsolicited);
        if (isPosted) mine.SendsPending++;
    }

    /// <summary>
    /// Where the target starts to read: behind what it gets unasked, which every implementation on InfiniBand and RoCE agrees on.
    /// RFC 7145 §7.3.1.
    /// </summary>
    internal virtual ulong WriteVa(ulong address, int unsolicited) => address + (ulong)unsolicited;

    private bool SendDataOuts(IserTask task, DiskCommand command, in Sge memory, int offset, int end)
    {
        for (uint dataSn = 0; offset < end; dataSn++)
        {
            var length = Math.Min(pieceLength, end - offset);
            var isLast = offset + length == end;
            var piece = arena!.DataOut(nextDataOut);
            nextDataOut = nextDataOut + 1 == maxDataOuts ? 0 : nextDataOut + 1;
            usedDataOuts++;
            IserHeader.Plain.Write(piece.Span);
            new DataOutPdu
            {
                Final = isLast, Lun = command.Lun, InitiatorTaskTag = task.Tag, TargetTransferTag = TaskTag.Reserved, ExpStatSn = ExpStatSn,
                DataSn = dataSn, BufferOffset = (uint)offset, DataSegmentLength = length,
            }.Write(piece.Span[IserHeader.Length..]);
            var request = new SendRequest { Opcode = WorkOpcode.Send };
            if (isLast) (request.Id, request.Flags) = (IdOf(IserWork.CommandSend, task.Slot), SendFlags.Signaled);
            else request.Id = IdOf(IserWork.Unsignaled, task.Slot);
            if (!Post(request, [piece.First(IserMessage.HeadersLength), new(memory.Address + (ulong)offset, (uint)length, memory.Key)])) return false;
            offset += length;
        }
        return true;
    }

    /// <summary>Makes a command's memory known to the device, and to the target if it is to reach it.</summary>
    private bool TryMap(IserTask task, DiskCommand command, bool isRemote, out Sge memory)
    {
        if ((!Options.AlwaysRegister || !isRemote) && command.Registration is { } buffer && buffer.OffsetOf(command.Data) is >= 0 and var offset)
        {
            memory = new(buffer.Region.Address + (ulong)offset, (uint)command.Data.Length, buffer.Region.LKey);
            if (isRemote) (task.RemoteKey, task.IsOwnKey) = (buffer.Region.RKey, false);
            return true;
        }
        memory = default;
        if (!TryGetRegistration(task, out var registration)) return false;
        if (registration.IsRegistered && !Post(new() { Id = IdOf(IserWork.Unsignaled), Opcode = WorkOpcode.LocalInvalidate, Key = registration.Key }, []))
            return false;
        registration.IsRegistered = false;
        var data = command.Data;
        if (registration.Region.SetSegments(new ReadOnlySpan<Memory<byte>>(in data)) is { } error)
        {
            Lose(new(LossKind.TransportError, $"memory region refused: {error}"));
            return false;
        }
        registration.Key = AdvanceKey(registration.Key);
        var address = (ulong)(task.Slot + 1) << 32; // a range of its own for each slot, the same in every run
        var access = !isRemote ? AccessFlags.None
            : command.Direction == DataDirection.In ? AccessFlags.LocalWrite | AccessFlags.RemoteWrite : AccessFlags.RemoteRead;
        if (!Post(new()
        {
            Id = IdOf(IserWork.Unsignaled), Opcode = WorkOpcode.RegisterMemory, Region = registration.Region, Key = registration.Key,
            RemoteAddress = address, Access = access,
        }, [])) return false;
        registration.IsRegistered = true;
        memory = new(address, (uint)data.Length, new(registration.Key.Value));
        if (isRemote) (task.RemoteKey, task.IsOwnKey) = (registration.Key, true);
        return true;
    }

    private bool TryGetRegistration(IserTask task, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FastRegistration? registration)
    {
        registration = task.Registration;
        if (registration is not null) return true;
        try
        {
            registration = task.Registration = new(host.Domain.AllocateFastRegistration(1));
            return true;
        }
        catch (VerbsException refused)
        {
            Lose(new(LossKind.TransportError, refused.Message));
            return false;
        }
    }

    /// <summary>Each use has a key of its own, so that a late request with an older one fails. IBA Vol 1 §10.6.3.4.</summary>
    internal virtual RKey AdvanceKey(RKey key) => key.NextKey();

    private void OnCommandSent(IserTask task)
    {
        usedDataOuts -= task.DataOuts; // sends complete in order, so the oldest headers come free first
        task.DataOuts = 0;
        task.SendsPending--;
        CheckSettled(task);
        if (IsOpen) Owner.OnCapacity();
    }

    // Taking memory back.

    private protected override void Settle(IscsiTask task)
    {
        var mine = (IserTask)task;
        if (mine is { Kind: TaskKind.Command, RemoteKey: { } key, IsOwnKey: true } && MustInvalidate(mine))
        {
            mine.RemoteKey = null;
            mine.Registration!.IsRegistered = false;
            if (!Post(new() { Id = IdOf(IserWork.Invalidate, task.Slot), Opcode = WorkOpcode.LocalInvalidate, Flags = SendFlags.Signaled, Key = key }, [])) return;
            mine.IsInvalidating = true;
        }
        CheckSettled(mine);
    }

    /// <summary>The target can use the key until it is invalidated: its owner gets the memory back only after that.</summary>
    internal virtual bool MustInvalidate(IserTask task) => true;

    private void OnInvalidated(IserTask task)
    {
        task.IsInvalidating = false;
        CheckSettled(task);
    }

    private void CheckSettled(IserTask task)
    {
        if (task is { Kind: not TaskKind.Free, IsAnswered: true } && IsQuiet(task)) EndTask(task);
    }

    /// <summary>
    /// Whether no work request can touch the task's memory any more. An answer does not mean that the sends have completed: until then the
    /// device may read them again to repeat a packet.
    /// </summary>
    internal virtual bool IsQuiet(IserTask task) => task is { SendsPending: 0, IsInvalidating: false };
}
