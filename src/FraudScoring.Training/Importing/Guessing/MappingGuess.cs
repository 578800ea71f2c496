using System.Text.Json.Nodes;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>
/// Guesses the mapping of a file from the names of its columns and their first texts. What is doubtful is listed; a required field that
/// cannot be decided is left out, so that <c>import</c> names it instead of reading it wrongly.
/// </summary>
internal static class MappingGuess
{
    private const int MostCategories = 50;

    /// <summary>Guesses the mapping of a sample.</summary>
    public static GuessedMapping Create(SourceSample sample)
    {
        var mapping = new GuessedMapping();
        var columns = sample.Names.Select((name, i) => new SampleColumn(name, sample.Rows.Select(row => row[i]))).ToList();
        LeaveOutUnusable(columns, mapping);
        SetText(sample, mapping);
        var times = new TimeGuess(columns, mapping);
        new PartyGuess(columns, mapping).Place();
        times.Place();
        new LabelGuess(columns, mapping).Place(times.LabelTime);
        new AmountGuess(columns, mapping).Place();
        new DetailGuess(columns, mapping).Place();
        foreach (var column in columns)
        {
            mapping.LeaveOut(column, Suggest(column));
        }
        return mapping;
    }

    private static void LeaveOutUnusable(List<SampleColumn> columns, GuessedMapping mapping)
    {
        foreach (var column in columns)
        {
            if (column.Name.Length == 0)
            {
                mapping.LeaveOut(column, "has no name; often the row number that pandas writes");
            }
            else if (columns.Count(other => other.Name == column.Name) > 1)
            {
                mapping.LeaveOut(column, "has the name of another column; rename one");
            }
        }
    }

    private static void SetText(SourceSample sample, GuessedMapping mapping)
    {
        if (sample.Encoding is { } encoding)
        {
            mapping.Set("encoding", encoding);
            mapping.Decide($"encoding: the file is not UTF-8, and {encoding} is assumed; check texts with accents");
        }
        if (sample.Delimiter is { } delimiter)
        {
            mapping.Set("delimiter", JsonValue.Create(delimiter.ToString()));
        }
        if (sample.Escape is { } escape)
        {
            mapping.Set("escape", JsonValue.Create(escape.ToString()));
        }
    }

    private static string Suggest(SampleColumn column)
    {
        if (column.Texts.Count == 0)
        {
            return "has no texts in the sample";
        }
        if (column.HasWord("fraud", "fraudulent", "chargeback", "flagged", "label"))
        {
            return "is about fraud, but is no label; as an attribute it may give the label away";
        }
        if (!column.IsNumeric
            && column.HasWord("first", "last", "name", "firstname", "lastname", "street", "dob", "email", "phone", "address", "birth"))
        {
            return "may be personal data; leave it out unless it is needed";
        }
        return column.Distinct.Count == 1 && column.Missing == 0 ? "has the same text in every row"
            : column.IsNumeric ? "is a number; could be a number attribute"
            : column.Distinct.Count <= MostCategories && column.Distinct.Count < column.Texts.Count
            ? "is one of a few texts; could be a text attribute"
            : "is a text of its own in most rows; no field is known for it";
    }
}
