using System.Collections.Frozen;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>Reads a mapping file. Collects every fault with its JSON path; a mapping comes out only when there is none.</summary>
internal sealed class MappingReader
{
    private const int MostValues = 10_000;
    private static readonly string[] TextOptions = ["column", "constant", "strip", "values", "otherwise", "hash", "prefix"];
    private readonly List<string> _columns = [];
    private readonly List<string> _paths = [];

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
        string[] others = ["event_time", "amount", "latitude", "longitude", "attributes", "label", "missing", "delimiter"];
        root.AllowOnly([.. TextField.All.Select(field => field.Name), .. others]);
        var texts = TextField.All.Select(field => (field, From: ReadText(root.Member(field.Name), field))).Where(text => text.From is not null);
        return new ImportMapping
        {
            Texts = [.. texts.Select(text => (text.field, text.From!))],
            EventTime = ReadTime(root.Member("event_time")),
            Amount = ReadAmount(root.Member("amount")),
            Location = ReadLocation(root),
            Attributes = [.. ReadAttributes(root.Member("attributes"))],
            Label = root.Member("label").Exists ? ReadLabel(root.Member("label")) : null,
            Missing = root.Member("missing").Exists ? ReadTexts(root, "missing") : FrozenSet<string>.Empty,
            Delimiter = ReadDelimiter(root.Member("delimiter")),
            Columns = _columns,
            ColumnPaths = _paths,
        };
    }

    private FieldSource? ReadText(JsonNodeReader node, TextField field)
    {
        if (!node.Exists)
        {
            if (field.IsRequired)
            {
                node.Fault("is required: a column's name, or an object with column or constant");
            }
            return null;
        }
        var from = ReadSource(node, TextOptions);
        if (from.Hash && !field.IsToken)
        {
            node.Member("hash").Fault("is of no use: only identifiers are hashed");
        }
        CheckCodes(node, field, from);
        return from;
    }

    /// <summary>Codes that the mapping itself gives are checked here, since every row would fail by them.</summary>
    private static void CheckCodes(JsonNodeReader node, TextField field, FieldSource from)
    {
        var given = from.Slot < 0 ? [from.Constant] : (from.Values?.Values ?? []).Append(from.Otherwise ?? "").Where(text => text.Length > 0);
        foreach (var text in given)
        {
            if (field.Name == "channel" && !TextField.Channels.ContainsKey(text))
            {
                node.Fault($"gives a text that is no channel; channels are {string.Join(", ", TextField.Channels.Keys)}");
            }
            if (field.Name == "currency" && !Currency.TryGet(text, out _))
            {
                node.Fault("gives a text that is no ISO 4217 currency code, such as \"EUR\"");
            }
        }
    }

    private FieldSource ReadSource(JsonNodeReader node, params ReadOnlySpan<string> options)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new FieldSource { Slot = SlotOf(node) };
        }
        node.AllowOnly(options);
        var (column, constant) = (node.Member("column"), node.Member("constant"));
        if (column.Exists == constant.Exists)
        {
            node.Fault("must have exactly one of column and constant");
        }
        return new FieldSource
        {
            Slot = column.Exists ? SlotOf(column) : -1,
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
            node.Fault($"must name 1 to {MostValues} texts of the column");
        }
        return members.ToFrozenDictionary(member => member.Name, member => member.Node.Text(), StringComparer.Ordinal);
    }

    private TimeSource ReadTime(JsonNodeReader node)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new TimeSource(SlotOf(node), TimeSource.Iso, null);
        }
        node.AllowOnly("column", "format", "zone");
        var format = node.Member("format").TextOrNull() ?? TimeSource.Iso;
        if (format.Length < 2)
        {
            node.Member("format").Fault("must be iso, unix, unix_ms, or a .NET format such as \"dd/MM/yyyy HH:mm:ss\"");
        }
        var time = new TimeSource(SlotOf(node.Member("column")), format, ReadZone(node.Member("zone")));
        if (time.IsUnix && time.Zone is not null)
        {
            node.Member("zone").Fault("is of no use: a number of seconds is of no zone");
        }
        if (time is { IsUnix: false, Zone: null } && format != TimeSource.Iso
            && !format.Contains('z', StringComparison.Ordinal) && !format.Contains('K', StringComparison.Ordinal))
        {
            node.Fault("must name a zone, since the format holds no offset from UTC");
        }
        return time;
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
        node.Fault("is no zone that this machine knows; use UTC or an IANA name such as \"Europe/Berlin\"");
        return null;
    }

    private AmountSource ReadAmount(JsonNodeReader node)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new AmountSource(SlotOf(node), false);
        }
        node.AllowOnly("column", "round");
        return new AmountSource(SlotOf(node.Member("column")), ReadFlag(node.Member("round")));
    }

    private (int Latitude, int Longitude)? ReadLocation(JsonNodeReader root)
    {
        var (latitude, longitude) = (root.Member("latitude"), root.Member("longitude"));
        if (latitude.Exists != longitude.Exists)
        {
            (latitude.Exists ? longitude : latitude).Fault("is required beside the other coordinate");
        }
        return latitude.Exists && longitude.Exists ? (SlotOf(latitude), SlotOf(longitude)) : null;
    }

    private IEnumerable<AttributeSource> ReadAttributes(JsonNodeReader node)
    {
        if (node.Exists && node.Kind != JsonValueKind.Object)
        {
            node.Fault("must be an object of attributes by name");
        }
        var members = node.Members().ToList();
        if (members.Count > PaymentLimits.Attributes)
        {
            node.Fault($"must name at most {PaymentLimits.Attributes} attributes");
        }
        foreach (var (name, member) in members)
        {
            var type = member.Kind == JsonValueKind.Object ? member.Member("type").TextOrNull() ?? "text" : "text";
            if (type is not ("text" or "number"))
            {
                member.Member("type").Fault("must be text or number");
            }
            yield return new AttributeSource(name, type == "number", ReadSource(member, [.. TextOptions, "type"]));
        }
    }

    private LabelSource ReadLabel(JsonNodeReader node)
    {
        node.AllowOnly("column", "fraud", "legitimate", "time", "delay", "frauds_only", "source");
        var fraud = node.Member("fraud").Exists ? ReadTexts(node, "fraud") : FrozenSet.Create(StringComparer.Ordinal, "1", "1.0", "true", "True", "TRUE");
        var legitimate = node.Member("legitimate").Exists ? ReadTexts(node, "legitimate")
            : FrozenSet.Create(StringComparer.Ordinal, "0", "0.0", "false", "False", "FALSE");
        if (fraud.Overlaps(legitimate))
        {
            node.Fault("must not have a text that means both fraud and legitimate");
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
        return new LabelSource(SlotOf(node.Member("column")), fraud, legitimate, time.Exists ? ReadTime(time) : null,
            delay.Exists ? ReadDelay(delay) : 0, ReadFlag(node.Member("frauds_only")), source);
    }

    private static long ReadDelay(JsonNodeReader node)
    {
        var text = node.Text();
        if (text == "0" || (Duration.TryParse(text, out var delay) && delay <= 3660 * MillisecondsPer.Day))
        {
            return text == "0" ? 0 : Duration.TryParse(text, out var ms) ? ms : 0;
        }
        node.Fault("must be 0 or a length such as \"90m\", \"1h\" or \"7d\", at most 3660d");
        return 0;
    }

    private static FrozenSet<string> ReadTexts(JsonNodeReader node, string name) =>
        node.Array(name, 1, 100).Select(text => text.Text()).ToFrozenSet(StringComparer.Ordinal);

    private static char ReadDelimiter(JsonNodeReader node)
    {
        var text = node.TextOrNull() ?? ",";
        if (text.Length != 1 || text[0] is '"' or '\r' or '\n' or > '\x7e')
        {
            node.Fault("must be one character, such as \";\"");
            return ',';
        }
        return text[0];
    }

    private static bool ReadFlag(JsonNodeReader node)
    {
        if (node.Exists && node.Kind is not (JsonValueKind.True or JsonValueKind.False))
        {
            node.Fault("must be true or false");
        }
        return node.Kind == JsonValueKind.True;
    }

    private int SlotOf(JsonNodeReader node)
    {
        var name = node.Text();
        var slot = _columns.IndexOf(name);
        if (slot < 0)
        {
            slot = _columns.Count;
            _columns.Add(name);
            _paths.Add(node.Path);
        }
        return slot;
    }
}
