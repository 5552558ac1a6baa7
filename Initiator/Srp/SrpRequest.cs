using Weft.Initiator.Commands;
using Weft.Initiator.Iser;

namespace Weft.Initiator.Srp;

/// <summary>A place of a channel's ring: a command, or a task management function, until its memory is its owner's again.</summary>
internal sealed class SrpRequest(SrpChannel channel, int slot)
{
    private uint use;

    public SrpChannel Channel { get; } = channel;
    public int Slot { get; } = slot;
    /// <summary>The slot and a count of uses, so that a late answer to an earlier use is recognised; bit 31 marks task management, as in ib_srp.</summary>
    public ulong Tag { get; private set; }
    public bool IsBusy { get; private set; }
    public DiskCommand? Command { get; private set; }
    public TaskManagementJob? Job { get; private set; }
    /// <summary>The answer is there (or the target has ended it); what is left is to take the memory back.</summary>
    public bool IsAnswered { get; set; }
    public CommandOutcome Outcome { get; set; }
    /// <summary>Task management: nobody waits for the answer any more, which may still come.</summary>
    public bool IsAbandoned { get; set; }
    /// <summary>Sends that have not completed: until then the device may read the memory again to repeat a packet.</summary>
    public int SendsPending { get; set; }
    public int InvalidatesPending { get; set; }
    /// <summary>Regions for this place's data, made as they are needed.</summary>
    public List<FastRegistration> Registrations { get; } = [];
    /// <summary>How many of them the command has keys of.</summary>
    public int RegistrationsUsed { get; set; }
    public SrpRequest? Next { get; set; }

    public bool IsQuiet => SendsPending == 0 && InvalidatesPending == 0;

    public void Begin(DiskCommand? command, TaskManagementJob? job)
    {
        use++;
        Tag = (ulong)use << 32 | (job is null ? 0 : 0x8000_0000u) | (uint)Slot;
        (Command, Job, IsBusy, IsAnswered, IsAbandoned, Outcome) = (command, job, true, false, false, CommandOutcome.Completed);
        (SendsPending, InvalidatesPending, RegistrationsUsed) = (0, 0, 0);
        command?.Task = this;
    }

    public void End()
    {
        Command?.Task = null;
        (Command, Job, IsBusy) = (null, null, false);
    }
}
