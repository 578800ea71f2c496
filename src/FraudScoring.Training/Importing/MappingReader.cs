using System.Collections.Frozen;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Reads a mapping file. Collects every fault with its JSON path, and returns a mapping only if there are none. What can be checked
/// without data is checked here, so that a mistake in the mapping does not turn every row into a bad row.
/// </summary>
internal sealed class MappingReader
{
    private const int MostValues = 10_000;
    private static readonly string[] TextOptions = ["column", "constant", "expression", "strip", "values", "otherwise", "hash", "prefix"];
    private readonly MappedColumns _columns = new();

    public static ImportMapping? Parse(ReadOnlyMemory<byte> json, Faults faults)
    {
        var before = faults.Count;
        using var document = JsonNodeReader.Parse(json, faults);
        if (document is null)
        {
            return null;
        }
        var mapping = new MappingReader().ReadRoot(new JsonNodeReader(document.RootElement, "$", faults));
        return faults.Count > before ? null : mapping;
    }

    private ImportMapping ReadRoot(JsonNodeReader root)
    {
        string[] others =
        [
            "event_time", "amount", "latitude", "longitude", "attributes", "label", "missing", "decimal", "thousands", "filter",
            "encoding", "delimiter", "quote", "escape", "guess",
        ];
        root.AllowOnly([.. TextField.All.Select(field => field.Name), .. others]);
        var texts = TextField.All.Select(field => (field, From: ReadText(root.Member(field.Name), field)))
            .Where(text => text.From is not null);
        return new ImportMapping
        {
            Texts = [.. texts.Select(text => (text.field, text.From!))],
            EventTime = ReadTime(root.Member("event_time")),
            Amount = ReadAmount(root.Member("amount")),
            Numbers = ReadNumbers(root),
            Location = ReadLocation(root),
            Attributes = [.. ReadAttributes(root.Member("attributes"))],
            Label = root.Member("label").Exists ? ReadLabel(root.Member("label")) : null,
            Missing = root.Member("missing").Exists ? ReadTexts(root, "missing") : FrozenSet<string>.Empty,
            Filter = _columns.Condition(root.Member("filter")),
            Text = TextFormatReader.Read(root),
            Columns = _columns,
        };
    }

    private FieldSource? ReadText(JsonNodeReader node, TextField field)
    {
        if (!node.Exists)
        {
            if (field.IsRequired)
            {
                node.Fault("is required: a column name, or an object with column, constant or expression");
            }
            return null;
        }
        var from = ReadSource(node, TextOptions) with { Kind = field.Kind };
        if (from.Hash && !field.IsToken)
        {
            node.Member("hash").Fault("is not allowed: only identifiers can be hashed");
        }
        CheckCodes(node, field, from);
        return from;
    }

    /// <summary>Checks the channels and currencies that the mapping itself contains: a wrong one would fail on every row.</summary>
    private static void CheckCodes(JsonNodeReader node, TextField field, FieldSource from)
    {
        var codes = from.Column < 0
            ? [from.Constant]
            : (from.Values?.Values ?? []).Append(from.Otherwise ?? "").Where(text => text.Length > 0);
        foreach (var text in codes)
        {
            if (field.Name == "channel" && !TextField.Channels.ContainsKey(text))
            {
                node.Fault($"sets an unknown channel; channels are {string.Join(", ", TextField.Channels.Keys)}");
            }
            if (field.Name == "currency" && !Currency.TryGet(text, out _))
            {
                node.Fault($"sets a currency that {Currency.WhyUnknown(text)}");
            }
        }
    }

    private FieldSource ReadSource(JsonNodeReader node, params ReadOnlySpan<string> options)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new FieldSource { Column = ColumnOf(node) };
        }
        node.AllowOnly(options);
        var (column, constant, expression) = (node.Member("column"), node.Member("constant"), node.Member("expression"));
        if ((column.Exists ? 1 : 0) + (constant.Exists ? 1 : 0) + (expression.Exists ? 1 : 0) != 1)
        {
            node.Fault("must have exactly one of column, constant and expression");
        }
        return new FieldSource
        {
            Column = column.Exists ? ColumnOf(column) : expression.Exists ? _columns.AddExpression(expression) : -1,
            Constant = constant.TextOrNull() ?? "",
            Strip = node.Member("strip").TextOrNull() ?? "",
            Values = node.Member("values").Exists ? ReadValues(node.Object("values")) : null,
            Otherwise = node.Member("otherwise").TextOrNull(),
            Hash = ReadFlag(node.Member("hash")),
            Prefix = node.Member("prefix").TextOrNull() ?? "",
        };
    }

    private static FrozenDictionary<string, string> ReadValues(JsonNodeReader node)
    {
        var members = node.Members().ToList();
        if (members.Count is 0 or > MostValues)
        {
            node.Fault($"must list 1 to {MostValues} texts of the column");
        }
        return members.ToFrozenDictionary(member => member.Name, member => member.Node.Text(), StringComparer.Ordinal);
    }

    private TimeSource ReadTime(JsonNodeReader node)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new TimeSource(ColumnOf(node), TimeFormat.Iso, null);
        }
        node.AllowOnly("column", "expression", "format", "zone", "origin");
        var format = node.Member("format").TextOrNull() ?? TimeFormat.Iso;
        var zone = ReadZone(node.Member("zone"));
        if (TimeFormat.IsCustom(format) && TimeFormat.Check(format) is { } problem)
        {
            node.Member("format").Fault(problem);
        }
        else if (TimeFormat.IsUnix(format) && zone is not null)
        {
            node.Member("zone").Fault("is not allowed: Unix times have no time zone");
        }
        else if (zone is null && !node.Member("zone").Exists
            && (format == TimeFormat.Excel || (TimeFormat.IsCustom(format) && !TimeFormat.HasOffset(format))))
        {
            node.Fault("requires a zone, because the format has no offset from UTC");
        }
        return new TimeSource(_columns.AddEither(node), format, zone)
        {
            OriginMs = ReadOrigin(node.Member("origin"), TimeFormat.IsElapsed(format), zone),
        };
    }

    private static long ReadOrigin(JsonNodeReader node, bool isElapsed, TimeZoneInfo? zone)
    {
        if (isElapsed != node.Exists)
        {
            node.Fault(isElapsed ? "is required with a format of elapsed time: an ISO time such as \"2017-12-01T00:00:00Z\""
                : "is allowed only with the formats seconds, minutes, hours and days");
            return 0;
        }
        if (!isElapsed)
        {
            return 0;
        }
        var text = node.Text();
        // A zone is of no use to an origin with an offset; texts of elapsed time have none.
        var source = new TimeSource(-1, TimeFormat.Iso, zone);
        if (source.Parse(text, TimeRange.Any, out var originMs, out _) is { } problem)
        {
            node.Fault(problem);
        }
        return originMs;
    }

    private static TimeZoneInfo? ReadZone(JsonNodeReader node)
    {
        if (!node.Exists)
        {
            return null;
        }
        if (TimeZoneInfo.TryFindSystemTimeZoneById(node.Text(), out var zone))
        {
            return zone;
        }
        node.Fault("is not a time zone known on this machine; use UTC or an IANA name such as \"Europe/Berlin\"");
        return null;
    }

    private AmountSource ReadAmount(JsonNodeReader node)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new AmountSource(ColumnOf(node));
        }
        node.AllowOnly("column", "expression", "round", "minor_units", "negative");
        var negative = node.Member("negative").TextOrNull() ?? "refund";
        if (negative is not ("refund" or "payment"))
        {
            node.Member("negative").Fault("must be refund (the default) or payment, for exports in which debits are negative");
        }
        return new AmountSource(_columns.AddEither(node))
        {
            Round = ReadFlag(node.Member("round")),
            MinorUnits = ReadFlag(node.Member("minor_units")),
            NegativeIsPayment = negative == "payment",
        };
    }

    private static NumberFormat ReadNumbers(JsonNodeReader root)
    {
        var (point, thousands) = (root.Member("decimal").TextOrNull() ?? ".", root.Member("thousands").TextOrNull() ?? "");
        if (point is not ("." or ","))
        {
            root.Member("decimal").Fault("must be \".\" or \",\"");
            return NumberFormat.Invariant;
        }
        if (root.Member("thousands").Exists && (thousands.Length != 1 || !NumberFormat.IsSeparator(thousands[0])))
        {
            root.Member("thousands").Fault("must be \",\", \".\", a space, an apostrophe or a no-break space");
            return NumberFormat.Invariant;
        }
        if (thousands == point)
        {
            root.Member("thousands").Fault("must not be the decimal separator"
                + (root.Member("decimal").Exists ? "" : "; set \"decimal\": \",\" as well"));
        }
        return new NumberFormat(point[0], thousands.Length == 0 ? null : thousands[0]);
    }

    private (int Latitude, int Longitude)? ReadLocation(JsonNodeReader root)
    {
        var (latitude, longitude) = (root.Member("latitude"), root.Member("longitude"));
        if (latitude.Exists != longitude.Exists)
        {
            (latitude.Exists ? longitude : latitude).Fault("is required together with the other coordinate");
        }
        return latitude.Exists && longitude.Exists ? (ColumnOf(latitude), ColumnOf(longitude)) : null;
    }

    private IEnumerable<AttributeSource> ReadAttributes(JsonNodeReader node)
    {
        if (node.Exists && node.Kind != JsonValueKind.Object)
        {
            node.Fault("must be an object with one member per attribute");
        }
        var members = node.Members().ToList();
        if (members.Count > PaymentLimits.Attributes)
        {
            node.Fault($"must have at most {PaymentLimits.Attributes} attributes");
        }
        foreach (var (name, member) in members)
        {
            var type = member.Kind == JsonValueKind.Object ? member.Member("type").TextOrNull() ?? "text" : "text";
            if (type is not ("text" or "number"))
            {
                member.Member("type").Fault("must be text or number");
            }
            // A number is checked as a number: as a text, every tenth time in milliseconds would look like a card number.
            var kind = type == "number" ? TextKind.Code : TextKind.Attribute;
            yield return new AttributeSource(name, type == "number", ReadSource(member, [.. TextOptions, "type"]) with { Kind = kind });
        }
    }

    private LabelSource ReadLabel(JsonNodeReader node)
    {
        node.AllowOnly("column", "expression", "fraud", "legitimate", "time", "delay", "frauds_only", "source");
        var fraud = ReadMeanings(node, "fraud", "1", "1.0", "true", "yes", "y", "t", "fraud");
        var legitimate = ReadMeanings(node, "legitimate", "0", "0.0", "false", "no", "n", "f", "legitimate", "genuine");
        if (fraud.Overlaps(legitimate))
        {
            node.Fault("must not list the same text under fraud and legitimate");
        }
        var (time, delay) = (node.Member("time"), node.Member("delay"));
        if (time.Exists == delay.Exists)
        {
            node.Fault("must have exactly one of time and delay");
        }
        var source = node.Member("source").TextOrNull() ?? "import";
        if (source.Length is 0 or > PaymentLimits.TokenLength)
        {
            node.Member("source").Fault($"must be a text of 1 to {PaymentLimits.TokenLength} characters");
        }
        return new LabelSource(_columns.AddEither(node), fraud, legitimate, time.Exists ? ReadTime(time) : null,
            delay.Exists ? ReadDelay(delay) : 0, ReadFlag(node.Member("frauds_only")), source);
    }

    /// <summary>Texts of a label, in any letter case; the default ones if the mapping lists none.</summary>
    private static FrozenSet<string> ReadMeanings(JsonNodeReader node, string name, params string[] byDefault) =>
        (node.Member(name).Exists ? ReadTexts(node, name) : byDefault.ToFrozenSet()).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static long ReadDelay(JsonNodeReader node)
    {
        var text = node.Text();
        if (text == "0" || (Duration.TryParse(text, out var delay) && delay <= 3660 * MillisecondsPer.Day))
        {
            return text == "0" ? 0 : Duration.TryParse(text, out var ms) ? ms : 0;
        }
        node.Fault("must be 0 or a duration such as \"90m\", \"1h\" or \"7d\", at most 3660d");
        return 0;
    }

    private static FrozenSet<string> ReadTexts(JsonNodeReader node, string name) =>
        node.Array(name, 1, 100).Select(text => text.Text()).ToFrozenSet(StringComparer.Ordinal);

    private static bool ReadFlag(JsonNodeReader node)
    {
        if (node.Exists && node.Kind is not (JsonValueKind.True or JsonValueKind.False))
        {
            node.Fault("must be true or false");
        }
        return node.Kind == JsonValueKind.True;
    }

    private int ColumnOf(JsonNodeReader node) => _columns.Add(node);
}
