using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Reads what a configuration says about how fast may be sent: one rate, or a list of rules.</summary>
internal static class RateRules
{
    private const string DaysKey = "days";
    private const string FromKey = "from";
    private const string ToKey = "to";
    private const string RateKey = "rate";

    private const string Example = "{ days: mon-fri, from: \"08:00\", to: \"19:00\", rate: 40Mbit/s }";

    /// <summary>Reads it; what can not be used is noted and left out.</summary>
    public static RateSchedule Read(ConfigNode node)
    {
        if (!node.IsList)
        {
            return node.IsMap
                ? Refused(node, "a rate or a list of rules belongs here", $"as in  - {Example}")
                : RateSchedule.Of(node.As(Rate.Parse, Rate.Unlimited));
        }

        var items = node.AsList();
        if (items.Count == 0)
        {
            return Refused(node, "it is empty", $"leave it out, or write rules: - {Example}");
        }

        var rules = new List<RateRule>();
        ConfigPlace? forever = null;
        foreach (var item in items)
        {
            if (forever is not null)
            {
                item.Faults.Warn(
                    item.Place,
                    "it is never reached: the rule before it holds at any time",
                    $"the first rule that holds counts; move the one at {forever} to the end"
                );
            }

            if (ReadRule(item) is { } rule)
            {
                rules.Add(rule);
                forever ??= rule.IsForever ? item.Place : null;
            }
        }

        return new RateSchedule(rules);
    }

    /// <summary>What <paramref name="rule"/> says, each by its key, as <see cref="Read"/> reads it.</summary>
    public static IEnumerable<(string Key, string Text)> Said(RateRule rule)
    {
        if (rule.Days != WeekDays.All)
        {
            yield return (DaysKey, rule.Days.ToString());
        }

        if (rule is { From: { } from, To: { } to })
        {
            yield return (FromKey, ClockTime.Print(from));
            yield return (ToKey, ClockTime.Print(to));
        }

        yield return (RateKey, rule.Rate.ToString());
    }

    private static RateRule? ReadRule(ConfigNode item)
    {
        if (!item.IsMap)
        {
            item.Refuse("a rule belongs here", $"as in  {Example}");
            return null;
        }

        var map = item.AsMap()!;

        var rate = map.Take(RateKey) is { } given
            ? given.As<Rate?>(text => Rate.Parse(text), otherwise: null)
            : Missing(map);
        var days = map.Read(DaysKey, WeekDays.Parse, WeekDays.All);
        var from = ReadTime(map, FromKey);
        var to = ReadTime(map, ToKey);
        map.Finish();
        if ((map.Take(FromKey) is null) != (map.Take(ToKey) is null))
        {
            item.Refuse("'from' and 'to' belong together", $"as in  {Example}");
        }
        else if (from is not null && from == to)
        {
            item.Refuse("it begins when it ends", "leave 'from' and 'to' out for the whole day");
        }

        return rate is null
            ? null
            : new RateRule(rate.Value)
            {
                Days = days,
                From = from,
                To = to,
            };
    }

    private static TimeOnly? ReadTime(ConfigMap map, string key) =>
        map.Read<TimeOnly?>(key, text => ClockTime.Parse(text), otherwise: null);

    private static Rate? Missing(ConfigMap map)
    {
        _ = map.Require(RateKey, "as in  rate: 40Mbit/s  or  rate: off");
        return null;
    }

    private static RateSchedule Refused(ConfigNode node, string message, string hint)
    {
        node.Refuse(message, hint);
        return RateSchedule.Unlimited;
    }
}
