using System.Buffers.Binary;
using Weft.Fabric.Verbs;
using Weft.Initiator.Commands;
using Weft.Initiator.Iser;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

// Requests to the target, and the memory that they hand over.
internal sealed partial class SrpChannel
{
    private const int CreditNotice = 0, EventNotice = 1, LogoutNotice = 2;

    private readonly SrpRequest[] requests;
    private readonly SrpDescriptor[] descriptors;
    private readonly (bool IsBusy, SrpNotice? Waiting)[] notices = new (bool, SrpNotice?)[SrpArena.Notices];
    private SrpRequest? free;
    private int freeCount, limit, requestLength, entriesInRequest, maxImmediate;

    /// <summary>What the target still takes; one of it is kept for task management.</summary>
    public int RequestLimit => limit;

    /// <summary>Whether a command can go now; the places of task management are not for it.</summary>
    public bool CanSend => Phase == SrpChannelPhase.Ready && limit > 1 && freeCount > TaskManagementPlaces;

    private SrpRequest Begin(DiskCommand? command, TaskManagementJob? job)
    {
        var request = free!;
        (free, request.Next) = (request.Next, null);
        freeCount--;
        request.Begin(command, job);
        limit--;
        return request;
    }

    private void Free(SrpRequest request)
    {
        (request.Next, free) = (free, request);
        freeCount++;
    }

    private bool Post(in SendRequest work, ReadOnlySpan<Sge> sges)
    {
        if (!IsOpen) return false;
        if (qp!.PostSend(work, sges) is not { } error) return true;
        Lose($"{work.Opcode} refused: {error}");
        return false;
    }

    private void PostRequest(SrpRequest request, int length)
    {
        if (Post(new() { Id = IdOf(SrpWork.RequestSend, request.Slot), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [arena!.RequestSge(request.Slot, length)]))
            request.SendsPending++;
    }

    public void SendCommand(DiskCommand command)
    {
        var request = Begin(command, null);
        var unit = arena!.Request(request.Slot);
        var extra = (Math.Max(0, command.CdbLength - 16) + 3) & ~3;
        var start = SrpCommand.Length + extra;
        var (format, count, length) = (SrpDataFormat.None, 0, start);
        var isOut = command.Direction == DataDirection.Out;
        if (command.Direction != DataDirection.None && command.Data.Length > 0)
        {
            if (isOut && extra <= ImmediateOffset - SrpCommand.Length - 4 && command.Data.Length <= maxImmediate)
            {
                SrpDataBuffer.WriteImmediate(unit[start..], (uint)command.Data.Length);
                command.Data.Span.CopyTo(unit[ImmediateOffset..]);
                (format, length) = (SrpDataFormat.Immediate, ImmediateOffset + command.Data.Length);
            }
            else
            {
                if (!TryMap(request, command, isOut, out var entries)) return;
                (format, count, length) = Describe(request, unit[start..], entries, (uint)command.Data.Length);
                length += start;
            }
        }
        WriteCommand(unit, request, command, format, count, extra, isOut);
        PostRequest(request, length);
    }

    private static void WriteCommand(Span<byte> unit, SrpRequest request, DiskCommand command, SrpDataFormat format, int count, int extra, bool isOut)
    {
        Span<byte> cdb = stackalloc byte[DiskCommand.MaxCdbLength];
        cdb.Clear();
        command.Cdb.CopyTo(cdb);
        var attribute = command.Order switch
        {
            CommandOrder.HeadOfQueue => 1,
            CommandOrder.Ordered => 2,
            _ => 0,
        };
        new SrpCommand(0, isOut ? format : SrpDataFormat.None, isOut ? SrpDataFormat.None : format, (byte)(isOut ? count : 0), (byte)(isOut ? 0 : count), request.Tag,
            command.Lun.Value, (byte)attribute, (byte)extra, BinaryPrimitives.ReadUInt64BigEndian(cdb), BinaryPrimitives.ReadUInt64BigEndian(cdb[8..])).Write(unit);
        cdb.Slice(16, extra).CopyTo(unit[SrpCommand.Length..]);
    }

    /// <summary>Writes the descriptors of a command: one directly, several as a table, of which the request may hold a part only.</summary>
    private (SrpDataFormat Format, int Count, int Length) Describe(SrpRequest request, Span<byte> target, int entries, uint total)
    {
        if (entries == 1)
        {
            descriptors[0].Write(target);
            return (SrpDataFormat.Direct, 0, SrpDescriptor.Length);
        }
        var inRequest = Math.Min(entries, entriesInRequest);
        var table = new SrpDescriptor(0, default, (uint)(entries * SrpDescriptor.Length));
        if (inRequest < entries)
        {
            var own = arena!.Table(request.Slot);
            for (var i = 0; i < entries; i++) descriptors[i].Write(own[(i * SrpDescriptor.Length)..]);
            table = table with { Address = arena.TableAddress(request.Slot), Key = arena.Region.RKey };
        }
        return (SrpDataFormat.Indirect, inRequest, SrpDataBuffer.WriteIndirect(target, table, descriptors.AsSpan(0, inRequest), total));
    }

    /// <summary>Makes a command's memory known to the target; the descriptors are in <see cref="descriptors"/>.</summary>
    private bool TryMap(SrpRequest request, DiskCommand command, bool isOut, out int entries)
    {
        entries = 0;
        var piece = session.Limits.PieceLength;
        var buffer = session.Options.NeverRegister ? command.Registration : null;
        var offset = buffer?.OffsetOf(command.Data) ?? -1;
        for (var done = 0; done < command.Data.Length; done += piece)
        {
            var length = Math.Min(piece, command.Data.Length - done);
            if (offset >= 0)
            {
                descriptors[entries++] = new(buffer!.Region.Address + (ulong)(offset + done), buffer.Region.RKey, (uint)length);
                continue;
            }
            if (!TryRegister(request, command.Data.Slice(done, length), isOut, entries, out var descriptor)) return false;
            descriptors[entries++] = descriptor;
        }
        return true;
    }

    private bool TryRegister(SrpRequest request, Memory<byte> data, bool isOut, int index, out SrpDescriptor descriptor)
    {
        descriptor = default;
        if (!TryGetRegistration(request, index, out var registration)) return false;
        if (registration.Region.SetSegments(new ReadOnlySpan<Memory<byte>>(in data)) is { } error)
        {
            Lose($"memory region refused: {error}");
            return false;
        }
        registration.Key = registration.Key.NextKey(); // a late request with an older one fails. IBA Vol 1 §10.6.3.4
        var address = (ulong)(request.Slot + 1) << 40 | (ulong)index << 32; // a range of its own for each, the same in every run
        if (!Post(new()
        {
            Id = IdOf(SrpWork.Unsignaled), Opcode = WorkOpcode.RegisterMemory, Region = registration.Region, Key = registration.Key, RemoteAddress = address,
            Access = isOut ? AccessFlags.RemoteRead : AccessFlags.LocalWrite | AccessFlags.RemoteWrite,
        }, [])) return false;
        registration.IsRegistered = true;
        request.RegistrationsUsed = index + 1;
        descriptor = new(address, registration.Key, (uint)data.Length);
        return true;
    }

    private bool TryGetRegistration(SrpRequest request, int index, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FastRegistration? registration)
    {
        registration = index < request.Registrations.Count ? request.Registrations[index] : null;
        if (registration is not null) return true;
        try
        {
            request.Registrations.Add(registration = new(host.Domain.AllocateFastRegistration(1)));
            return true;
        }
        catch (VerbsException refused)
        {
            Lose(refused.Message);
            return false;
        }
    }

    /// <summary>The target can use the keys until they are invalidated: the memory's owner gets it back only after that. SRP has no remote invalidation.</summary>
    private void Invalidate(SrpRequest request)
    {
        for (var i = 0; i < request.RegistrationsUsed; i++)
        {
            var registration = request.Registrations[i];
            registration.IsRegistered = false;
            var isLast = i == request.RegistrationsUsed - 1;
            if (!Post(new()
            {
                Id = isLast ? IdOf(SrpWork.Invalidate, request.Slot) : IdOf(SrpWork.Unsignaled), Opcode = WorkOpcode.LocalInvalidate, Key = registration.Key,
                Flags = isLast ? SendFlags.Signaled : SendFlags.None,
            }, [])) return;
            if (isLast) request.InvalidatesPending++;
        }
        request.RegistrationsUsed = 0;
    }

    /// <summary>Notices of one kind go one at a time: until a send has completed, its buffer may be sent again.</summary>
    private void SendNotice(int index, in SrpNotice notice)
    {
        if (!IsOpen) return;
        if (notices[index].IsBusy)
        {
            notices[index].Waiting = notice;
            return;
        }
        notice.Write(arena!.Notice(index));
        if (index == LogoutNotice) limit--;
        notices[index].IsBusy = Post(new() { Id = IdOf(SrpWork.NoticeSend, index), Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled }, [arena.NoticeSge(index)]);
    }

    private void OnNoticeSent(int index)
    {
        if (index == LogoutNotice)
        {
            Lose("logged out");
            return;
        }
        var next = notices[index].Waiting;
        notices[index] = default;
        if (next is { } notice) SendNotice(index, notice);
    }
}
