using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing;

/// <summary>Counts invalid rows by reason and keeps the first examples of each. Optionally writes every invalid row.</summary>
internal sealed class InvalidRows(ImportMapping mapping, TextWriter? all)
{
    /// <summary>Number of example rows kept per reason.</summary>
    public const int Examples = 3;

    // Messages may contain numbers, such as a length, so the number of different reasons has no natural limit.
    private const int MostReasons = 200;
    private static readonly Fault Others = new("", "other reasons");
    private readonly Dictionary<Fault, InvalidRowReason> _reasons = [];
    private readonly Dictionary<string, string> _columns = ColumnsOf(mapping);

    /// <summary>Number of invalid rows. A row with several reasons counts once.</summary>
    public long Rows { get; private set; }

    /// <summary>All reasons, most frequent first.</summary>
    public IReadOnlyList<InvalidRowReason> Reasons =>
        [.. _reasons.Values.OrderByDescending(reason => reason.Rows).ThenBy(reason => reason.Field, StringComparer.Ordinal)];

    /// <param name="table">The row's table.</param>
    /// <param name="position">Number of its line in a text, or of the row, starting at 1.</param>
    /// <param name="faults">Its faults, at least one.</param>
    public void Record(SourceTable table, long position, Faults faults)
    {
        Rows++;
        foreach (var fault in faults)
        {
            var column = _columns.GetValueOrDefault(fault.Field, "");
            var key = _reasons.ContainsKey(fault) || _reasons.Count < MostReasons ? fault : Others;
            if (!_reasons.TryGetValue(key, out var reason))
            {
                _reasons.Add(key, reason = new InvalidRowReason(key.Field, key == fault ? column : "", key.Message));
            }
            reason.Add(table, position);
            all?.WriteLine(FormattableString.Invariant(
                $"{Quoted(table.File.Name)},{position},{Quoted(column)},{Quoted(fault.Field)},{Quoted(fault.Message)}"));
        }
    }

    /// <summary>Writes the names of the columns. A Parquet file has no lines; its rows are numbered instead.</summary>
    public void WriteHeader() => all?.WriteLine("file,line,column,field,reason");

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static Dictionary<string, string> ColumnsOf(ImportMapping mapping)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        void Name(string field, int column) => columns[field] = mapping.Columns.NameOf(column);
        foreach (var (field, from) in mapping.Texts)
        {
            Name($"payment.{field.MessageName}", from.Column);
        }
        Name("payment.event_time", mapping.EventTime.Column);
        Name("payment.amount", mapping.Amount.Column);
        Name("payment.location.latitude", mapping.Location?.Latitude ?? -1);
        Name("payment.location.longitude", mapping.Location?.Longitude ?? -1);
        foreach (var attribute in mapping.Attributes)
        {
            Name($"payment.attributes[{attribute.Name}]", attribute.From.Column);
        }
        Name("label.fraud", mapping.Label?.Column ?? -1);
        Name("label.label_time", mapping.Label?.Time?.Column ?? -1);
        return columns;
    }
}

/// <summary>A reason why rows are invalid.</summary>
/// <param name="Field">The faulty field; empty if the whole row is faulty.</param>
/// <param name="Column">The column that the field comes from; empty if it comes from none.</param>
/// <param name="Message">The fault.</param>
internal sealed record InvalidRowReason(string Field, string Column, string Message)
{
    private readonly List<string> _examples = [];

    public long Rows { get; private set; }

    /// <summary>The first such rows, as file name and number of the line or row.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public void Add(SourceTable table, long position)
    {
        Rows++;
        if (_examples.Count < InvalidRows.Examples)
        {
            _examples.Add(FormattableString.Invariant($"{Path.GetFileName(table.File.Name)} {table.Unit} {position}"));
        }
    }
}
