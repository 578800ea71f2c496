using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing;

/// <summary>Counts rows that cannot be used, by reason, with the first few of each; and writes all of them where that is asked for.</summary>
internal sealed class BadRows(ImportMapping mapping, TextWriter? all)
{
    /// <summary>How many rows are named per reason.</summary>
    public const int Examples = 3;

    // A reason may hold a number, such as a length: no more reasons than this are told apart.
    private const int MostReasons = 200;
    private static readonly Fault Others = new("", "other reasons");
    private readonly Dictionary<Fault, BadRowReason> _reasons = [];
    private readonly Dictionary<string, string> _columns = ColumnsOf(mapping);

    /// <summary>Rows that cannot be used; one of several reasons counts once.</summary>
    public long Rows { get; private set; }

    /// <summary>All reasons, the most frequent first.</summary>
    public IReadOnlyList<BadRowReason> Reasons =>
        [.. _reasons.Values.OrderByDescending(reason => reason.Rows).ThenBy(reason => reason.Field, StringComparer.Ordinal)];

    /// <summary>Adds a row.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="row">Its number in the file, from 1, the header not counted.</param>
    /// <param name="faults">Everything that is wrong with it.</param>
    public void Record(string path, long row, Faults faults)
    {
        Rows++;
        foreach (var fault in faults)
        {
            var column = _columns.GetValueOrDefault(fault.Field, "");
            var key = _reasons.ContainsKey(fault) || _reasons.Count < MostReasons ? fault : Others;
            if (!_reasons.TryGetValue(key, out var reason))
            {
                _reasons.Add(key, reason = new BadRowReason(key.Field, key == fault ? column : "", key.Message));
            }
            reason.Add(path, row);
            all?.WriteLine(FormattableString.Invariant($"{Quoted(path)},{row},{Quoted(column)},{Quoted(fault.Field)},{Quoted(fault.Message)}"));
        }
    }

    /// <summary>The first line of what is written.</summary>
    public void WriteHeader() => all?.WriteLine("file,row,column,field,reason");

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static Dictionary<string, string> ColumnsOf(ImportMapping mapping)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        void Name(string field, int slot) => columns[field] = slot < 0 ? "" : mapping.Columns[slot];
        foreach (var (field, from) in mapping.Texts)
        {
            Name($"payment.{field.MessageName}", from.Slot);
        }
        Name("payment.event_time", mapping.EventTime.Slot);
        Name("payment.amount", mapping.Amount.Slot);
        Name("payment.location.latitude", mapping.Location?.Latitude ?? -1);
        Name("payment.location.longitude", mapping.Location?.Longitude ?? -1);
        foreach (var attribute in mapping.Attributes)
        {
            Name($"payment.attributes[{attribute.Name}]", attribute.From.Slot);
        }
        Name("label.fraud", mapping.Label?.Slot ?? -1);
        Name("label.label_time", mapping.Label?.Time?.Slot ?? -1);
        return columns;
    }
}

/// <summary>One reason for which rows cannot be used.</summary>
/// <param name="Field">The field it is about.</param>
/// <param name="Column">The column the field comes from; empty when it is no column's.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record BadRowReason(string Field, string Column, string Message)
{
    private readonly List<string> _examples = [];

    public long Rows { get; private set; }

    /// <summary>The first few of them, as file and row.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public void Add(string path, long row)
    {
        Rows++;
        if (_examples.Count < BadRows.Examples)
        {
            _examples.Add(FormattableString.Invariant($"{Path.GetFileName(path)} row {row}"));
        }
    }
}
