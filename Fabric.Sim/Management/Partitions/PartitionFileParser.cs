using System.Globalization;

namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>
/// Reads <c>partitions.conf</c>: <c>Name=0x8001,ipoib,defmember=full : 0x2c90300100001=full, ALL_CAS, mgid=ff12:401b::1,mtu=4 ;</c> with
/// comments from # to the end of the line. opensm(8), section "Partition configuration".
/// </summary>
internal sealed class PartitionFileParser
{
    private readonly PartitionLexer lexer;
    private readonly PartitionPolicy policy = new(Membership.Limited);
    private string error = "";

    private PartitionFileParser(string text) => lexer = new(text);

    public static bool TryParse(string text, out PartitionPolicy policy, out string error)
    {
        var parser = new PartitionFileParser(text);
        while (parser.error.Length == 0 && !parser.lexer.IsAtEnd) parser.Statement();
        (policy, error) = (parser.policy, parser.error);
        return error.Length == 0;
    }

    private bool Fail(string message)
    {
        if (error.Length == 0) error = $"line {lexer.Line}: {message}";
        return false;
    }

    // definition : properties ;
    private void Statement()
    {
        var name = lexer.Word();
        var keyText = lexer.TryTake('=') ? lexer.Word() : null;
        ulong key = 0;
        if (keyText is not null && !(TryNumber(keyText, out key) && (key & 0x7FFF) != 0 && key <= 0xFFFF))
        {
            Fail($"'{keyText}' is no P_Key: a number from 1 to 0x7fff (bit 15 is ignored) stands behind the name of a partition");
            return;
        }
        var number = (ushort)(key & 0x7FFF);
        if (keyText is null && (number = name.Equals("Default", StringComparison.Ordinal) ? PartitionPolicy.DefaultKey : policy.FreeKey()) == 0)
        {
            Fail("all 32766 P_Keys are taken");
            return;
        }
        var partition = policy.Add(name, number);
        if (Flags(partition, out var standard)) Properties(partition, standard);
    }

    private bool Flags(Partition partition, out Membership standard)
    {
        standard = Membership.Limited;
        var isIpoib = false;
        var group = new PartitionGroup();
        while (lexer.TryTake(','))
        {
            var flag = lexer.Word();
            if (flag == "indx0") partition.IsIndex0 = true;
            else if (flag == "ipoib") isIpoib = true;
            else if (flag == "defmember")
            {
                if (!lexer.TryTake('=')) return Fail("defmember needs =full, =limited or =both");
                var value = lexer.Word();
                if (!TryMembership(value, out standard)) return Fail($"defmember is full, limited or both, not '{value}'");
            }
            else if (!GroupFlag(flag, ref group)) return Fail($"'{flag}' is no flag of a partition: indx0, ipoib, defmember, rate, mtu, sl, scope, Q_Key, tclass or FlowLabel");
            if (error.Length > 0) return false;
        }
        if (group.ServiceLevel is { } level) partition.ServiceLevel = level;
        if (isIpoib) partition.Groups.Add(group);
        return lexer.TryTake(':') || Fail(lexer.Unexpected("':' and the port list"));
    }

    private void Properties(Partition partition, Membership standard)
    {
        PartitionGroup? group = null;
        while (!lexer.TryTake(';'))
        {
            var word = lexer.Word();
            if (word == "mgid")
            {
                if (group is not null) partition.Groups.Add(group);
                group = Group(partition);
            }
            else if (group is not null && GroupFlag(word, ref group!))
            {
            }
            else if (word.Length > 0) Member(partition, word, standard);
            if (error.Length > 0) return;
            if (lexer.TryTake(',') || (word == "mgid" || group is not null) && lexer.AtNewLine) continue;
            if (lexer.TryTake(';')) break;
            Fail(lexer.Unexpected("',' or ';'"));
            return;
        }
        if (group is not null) partition.Groups.Add(group);
    }

    private PartitionGroup? Group(Partition partition)
    {
        var text = lexer.TryTake('=') ? lexer.Address() : "";
        if (!Gid.TryParse(text, out var gid) || gid.High >> 56 != 0xFF)
        {
            Fail($"mgid needs a multicast GID (ff..), not '{text}'");
            return null;
        }
        // An IP group carries its partition in bytes 4 and 5; zero there means: this one. RFC 4391 §4.
        if ((gid.High >> 32 & 0xFFFF) is 0x401B or 0x601B)
        {
            var key = (ushort)(gid.High >> 16);
            if (key == 0) gid = gid with { High = gid.High | (ulong)(partition.Key.Value | 0x8000) << 16 };
            else if ((key & 0x7FFF) != partition.Key.Value) Fail($"mgid {gid} names partition 0x{key:x4}, but stands in {partition}");
        }
        return new() { MulticastGid = gid };
    }

    private void Member(Partition partition, string word, Membership standard)
    {
        MemberKind? kind = word switch
        {
            "ALL" => MemberKind.All,
            "ALL_CAS" => MemberKind.AllAdapters,
            "ALL_SWITCHES" => MemberKind.AllSwitches,
            "ALL_ROUTERS" => MemberKind.AllRouters,
            "SELF" => MemberKind.Self,
            _ => TryNumber(word, out _) ? MemberKind.Port : null,
        };
        if (kind is null)
        {
            Fail($"'{word}' is no port GUID, nor ALL, ALL_CAS, ALL_SWITCHES, ALL_ROUTERS, SELF or mgid");
            return;
        }
        TryNumber(word, out var guid);
        var membership = standard;
        if (lexer.TryTake('='))
        {
            var value = lexer.Word();
            if (!TryMembership(value, out membership)) Fail($"membership is full, limited or both, not '{value}'");
        }
        partition.Members.Add(new(kind.Value, new(kind == MemberKind.Port ? guid : 0), membership));
    }

    // True when the word is a flag of a multicast group; a bad value is an error by itself.
    private bool GroupFlag(string flag, ref PartitionGroup group)
    {
        ulong max = flag switch { "rate" => 63, "mtu" => 5, "sl" or "scope" => 15, "Q_Key" => uint.MaxValue, "tclass" => 255, "FlowLabel" => 0xFFFFF, _ => 0 };
        if (max == 0) return false;
        if (!lexer.TryTake('=')) return !Fail($"{flag} needs =number");
        var text = lexer.Word();
        if (!TryNumber(text, out var value) || value > max || (value == 0 && flag == "mtu")) return !Fail($"{flag} is a number up to {max}, not '{text}'");
        group = flag switch
        {
            "rate" => group with { Rate = (byte)value },
            "mtu" => group with { Mtu = (byte)value },
            "sl" => group with { ServiceLevel = (byte)value },
            "scope" => group with { Scopes = [.. group.Scopes, (byte)value] },
            "Q_Key" => group with { QKey = new((uint)value) },
            "tclass" => group with { TrafficClass = (byte)value },
            _ => group with { FlowLabel = (uint)value },
        };
        return true;
    }

    private static bool TryMembership(string text, out Membership membership)
    {
        membership = text switch { "full" => Membership.Full, "both" => Membership.Both, _ => Membership.Limited };
        return text is "full" or "both" or "limited";
    }

    private static bool TryNumber(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
