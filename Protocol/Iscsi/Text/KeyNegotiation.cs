using System.Globalization;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>
/// One side of a text negotiation, as offerer and as answerer. Pairs come in one at a time; answers go into a writer.
/// A <see cref="Violation"/> means that the peer broke the rules and the login, or the text exchange, fails. RFC 7143 §6.2.
/// </summary>
public sealed class KeyNegotiation
{
    private readonly KeyPolicy policy;
    private readonly bool isInitiator;
    private readonly bool iser;
    private readonly KeyOutcome[] outcomes = new KeyOutcome[KeyTable.Count];

    /// <param name="isInitiator">Which side this is.</param>
    /// <param name="policy">What this side wants.</param>
    /// <param name="iser">Whether the connection is RDMA, so that the keys of RFC 7145 have a meaning.</param>
    public KeyNegotiation(bool isInitiator, KeyPolicy policy, bool iser) => (this.isInitiator, this.policy, this.iser) = (isInitiator, policy, iser);

    public KeyPolicy Policy => policy;
    public SessionParameters Result { get; } = new();
    /// <summary>A discovery session: most operational keys are irrelevant.</summary>
    public bool IsDiscovery { get; set; }

    public KeyOutcome OutcomeOf(KeyId id) => outcomes[(int)id];

    /// <summary>Brings up every key of the policy that fits the stage and was not brought up yet.</summary>
    public void Offer(LoginStage stage, ref TextKeyWriter writer)
    {
        foreach (var id in policy.Offers)
            if (outcomes[(int)id] == KeyOutcome.Default && (KeyTable.Get(id).Stages & Flag(stage)) != 0) Offer(id, ref writer);
    }

    /// <summary>Brings up one key with the policy's value.</summary>
    public void Offer(KeyId id, ref TextKeyWriter writer)
    {
        var key = KeyTable.Get(id);
        if (policy[id] is not { } value || !writer.Add(key.Name, value)) return;
        if (key.Function != KeyFunction.Declarative) outcomes[(int)id] = KeyOutcome.Offered;
    }

    /// <summary>Takes one pair of the peer: the answer to an offer of ours, a declaration, or an offer that is answered.</summary>
    public Violation? Receive(scoped TextPair pair, LoginStage stage, ref TextKeyWriter answers)
    {
        if (KeyTable.Find(pair.Key) is not { } key)
        {
            if (!pair.Value.SequenceEqual("NotUnderstood"u8)) answers.Add(pair.Key, "NotUnderstood"u8); // also X- and X# keys, §6.2
            return null;
        }
        var outcome = outcomes[(int)key.Id];
        if (outcome == KeyOutcome.Offered) return TakeAnswer(key, pair);
        if ((key.Senders & (isInitiator ? KeySenders.Target : KeySenders.Initiator)) == 0)
            return Broken(key, "the wrong side sent it");
        if ((key.Stages & Flag(stage)) == 0)
        {
            if (stage != LoginStage.FullFeature) return Broken(key, $"not in the {stage} stage");
            return Answer(key, "Reject", KeyOutcome.Rejected, ref answers); // not to be negotiated again
        }
        // RFC 7143 §6.3: once in a login; of the keys that full feature phase allows, again there
        if (outcome != KeyOutcome.Default && stage != LoginStage.FullFeature) return Broken(key, "negotiated twice");
        if (pair.Value.Length > TextPair.MaxValueLength) return Broken(key, $"a value of {pair.Value.Length} bytes");
        if (pair.Value.SequenceEqual("NotUnderstood"u8) || pair.Value.SequenceEqual("Irrelevant"u8) || pair.Value.SequenceEqual("Reject"u8))
            return Broken(key, $"{pair.ValueText} to a key that was not offered");
        return key.Function == KeyFunction.Declarative ? TakeDeclaration(key, pair, ref answers) : TakeOffer(key, pair, ref answers);
    }

    private Violation? TakeDeclaration(KeyDefinition key, scoped TextPair pair, ref TextKeyWriter answers)
    {
        if (key.Kind == KeyValueKind.Number)
        {
            if (!TextValue.TryReadNumber(pair.Value, out var number) || !key.Allows(number))
                return Answer(key, "Reject", KeyOutcome.Rejected, ref answers);
            if ((key.Use & KeyUse.OnlyIser) != 0 && !iser) return Answer(key, "Irrelevant", KeyOutcome.Irrelevant, ref answers);
            Result.Set(key.Id, Text(number));
        }
        else
        {
            Result.Set(key.Id, pair.ValueText);
        }
        outcomes[(int)key.Id] = KeyOutcome.Declared;
        return null;
    }

    private Violation? TakeOffer(KeyDefinition key, scoped TextPair pair, ref TextKeyWriter answers)
    {
        if (((key.Use & KeyUse.NotInDiscovery) != 0 && IsDiscovery) || ((key.Use & KeyUse.OnlyIser) != 0 && !iser))
            return Answer(key, "Irrelevant", KeyOutcome.Irrelevant, ref answers);
        string value;
        switch (key.Kind)
        {
            case KeyValueKind.Boolean:
                if (!TextValue.TryReadBoolean(pair.Value, out var theirs)) return Answer(key, "Reject", KeyOutcome.Rejected, ref answers);
                var ours = policy.Flag(key.Id) && (key.Id != KeyId.RDMAExtensions || iser);
                value = (key.Function == KeyFunction.And ? ours && theirs : ours || theirs) ? "Yes" : "No";
                break;
            case KeyValueKind.Number:
                if (!TextValue.TryReadNumber(pair.Value, out var number) || !key.Allows(number))
                    return Answer(key, "Reject", KeyOutcome.Rejected, ref answers);
                var own = policy.Number(key.Id);
                value = Text(key.Function == KeyFunction.Minimum ? Math.Min(own, number) : Math.Max(own, number));
                break;
            default:
                if (FirstTaken(pair.Value, policy[key.Id]) is not { } chosen) return Answer(key, "Reject", KeyOutcome.Rejected, ref answers);
                value = chosen;
                break;
        }
        Result.Set(key.Id, value);
        return Answer(key, value, KeyOutcome.Agreed, ref answers);
    }

    private Violation? TakeAnswer(KeyDefinition key, scoped TextPair pair)
    {
        ref var outcome = ref outcomes[(int)key.Id];
        if (pair.Value.SequenceEqual("NotUnderstood"u8)) outcome = KeyOutcome.NotUnderstood;
        else if (pair.Value.SequenceEqual("Irrelevant"u8)) outcome = KeyOutcome.Irrelevant;
        else if (pair.Value.SequenceEqual("Reject"u8)) outcome = KeyOutcome.Rejected;
        else
        {
            var (ours, bad) = (policy[key.Id]!, false);
            string value;
            switch (key.Kind)
            {
                case KeyValueKind.Boolean:
                    bad = !TextValue.TryReadBoolean(pair.Value, out var yes)
                        || (key.Function == KeyFunction.And ? yes && ours == "No" : !yes && ours == "Yes");
                    value = yes ? "Yes" : "No";
                    break;
                case KeyValueKind.Number:
                    bad = !TextValue.TryReadNumber(pair.Value, out var number) || !key.Allows(number)
                        || (key.Function == KeyFunction.Minimum ? number > policy.Number(key.Id) : number < policy.Number(key.Id));
                    value = Text(number);
                    break;
                default:
                    value = pair.ValueText;
                    bad = value.Contains(',') || Array.IndexOf(ours.Split(','), value) < 0;
                    break;
            }
            if (bad) return Broken(key, $"answer {pair.ValueText} to offer {ours}");
            Result.Set(key.Id, value);
            outcome = KeyOutcome.Agreed;
        }
        return null;
    }

    /// <summary>
    /// Ends the waiting for answers: a boolean offer that decides by itself (No of AND, Yes of OR) needs none, and LIO gives none;
    /// anything else unanswered keeps its default.
    /// </summary>
    public void Settle()
    {
        foreach (var id in policy.Offers)
        {
            if (outcomes[(int)id] != KeyOutcome.Offered) continue;
            var key = KeyTable.Get(id);
            outcomes[(int)id] = KeyOutcome.Default;
            if (key.Kind != KeyValueKind.Boolean || (policy[id] == "Yes") != (key.Function == KeyFunction.Or)) continue;
            Result.Set(id, policy[id]);
            outcomes[(int)id] = KeyOutcome.Agreed;
        }
    }

    /// <summary>Begins the full feature phase: keys that may be negotiated there are free again. RFC 7143 §6.4.</summary>
    public void EnterFullFeature()
    {
        Settle();
        foreach (var key in KeyTable.All)
            if ((key.Stages & KeyStages.FullFeature) != 0) outcomes[(int)key.Id] = KeyOutcome.Default;
    }

    private Violation? Answer(KeyDefinition key, string value, KeyOutcome outcome, ref TextKeyWriter answers)
    {
        answers.Add(key.Name, value);
        outcomes[(int)key.Id] = outcome;
        return null;
    }

    /// <summary>The first element of the peer's list, which is in its order of liking, that we take too.</summary>
    private static string? FirstTaken(ReadOnlySpan<byte> list, string? taken)
    {
        if (taken is null) return null;
        foreach (var range in list.Split((byte)','))
        {
            foreach (var own in taken.Split(','))
                if (list[range].SequenceEqual(System.Text.Encoding.UTF8.GetBytes(own))) return own;
        }
        return null;
    }

    private static KeyStages Flag(LoginStage stage) => stage switch
    {
        LoginStage.Security => KeyStages.Security,
        LoginStage.Operational => KeyStages.Operational,
        LoginStage.FullFeature => KeyStages.FullFeature,
        _ => 0,
    };

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
    private static Violation Broken(KeyDefinition key, string detail) => new("key-negotiation", key.Spec, $"{key.Name}: {detail}");
}
