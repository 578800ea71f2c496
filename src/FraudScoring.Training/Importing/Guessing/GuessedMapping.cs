using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>A field that a guess has placed.</summary>
/// <param name="Field">Name in the mapping.</param>
/// <param name="From">The columns, or the constant, as shown.</param>
/// <param name="Confidence">0 to 1: how well name and values agree. Not a probability.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record GuessedField(string Field, string From, double Confidence, string Reason);

/// <summary>A mapping in the making, with what speaks for each field and what remains to be decided.</summary>
internal sealed class GuessedMapping
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<int, (string Name, JsonNode Value)> _members = [];
    private readonly List<GuessedField> _fields = [];
    private readonly List<string> _toDecide = [];
    private readonly List<(string Column, string Reason)> _notPlaced = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    // The order of the members in the file.
    private static readonly string[] Order =
    [
        "encoding", "delimiter", "escape", "decimal", "thousands", "transaction_id", "event_time", "amount", "currency", "card", "account",
        "device", "ip_address", "merchant", "merchant_category", "country", "channel", "latitude", "longitude", "label",
    ];

    /// <summary>The placed fields, in the order of the mapping.</summary>
    public IReadOnlyList<GuessedField> Fields => [.. _fields.OrderBy(guessed => Array.IndexOf(Order, guessed.Field))];

    /// <summary>Columns that are not in the mapping, and why.</summary>
    public IReadOnlyList<(string Column, string Reason)> NotPlaced => _notPlaced;

    /// <summary>What only someone who knows the data can decide.</summary>
    public IReadOnlyList<string> ToDecide => _toDecide;

    public bool Has(string field) => _members.ContainsKey(Array.IndexOf(Order, field));

    public bool IsUsed(SampleColumn column) => _used.Contains(column.Name);

    /// <summary>Sets a member that is no field of payments, such as the delimiter.</summary>
    public void Set(string member, JsonNode value) => _members[Array.IndexOf(Order, member)] = (member, value);

    /// <summary>Sets a field, and marks its columns as placed.</summary>
    public void Place(string field, JsonNode value, double confidence, string reason, params IReadOnlyList<SampleColumn> columns)
    {
        Set(field, value);
        var from = columns.Count == 0 ? $"constant {value["constant"]}" : string.Join(", ", columns.Select(column => column.Name));
        _fields.Add(new GuessedField(field, TextShape.Mask(from), confidence, TextShape.Mask(reason)));
        foreach (var column in columns)
        {
            _used.Add(column.Name);
        }
    }

    public void Decide(string question) => _toDecide.Add(TextShape.Mask(question));

    /// <summary>Leaves a column out. The first reason that is given for a column stays.</summary>
    public void LeaveOut(SampleColumn column, string reason)
    {
        if (_used.Add(column.Name))
        {
            _notPlaced.Add((TextShape.Mask(column.Name), TextShape.Mask(reason)));
        }
    }

    /// <summary>The mapping file, with what is known about the guess under <c>guess</c>.</summary>
    public string ToJson()
    {
        var root = new JsonObject();
        foreach (var (name, value) in _members.Values)
        {
            root.Add(name, value.DeepClone());
        }
        var confidence = Fields.Select(field => KeyValuePair.Create<string, JsonNode?>(
            field.Field, new JsonObject { ["confidence"] = field.Confidence, ["reason"] = field.Reason }));
        root.Add("guess", new JsonObject
        {
            ["fields"] = new JsonObject(confidence),
            ["not_placed"] = new JsonObject(_notPlaced.Select(left => KeyValuePair.Create<string, JsonNode?>(left.Column, left.Reason))),
            ["to_decide"] = new JsonArray([.. _toDecide.Select(question => JsonValue.Create(question))]),
        });
        return root.ToJsonString(Indented) + "\n";
    }
}
