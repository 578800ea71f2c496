using System.Collections.Frozen;

namespace FraudScoring.Training.Importing;

/// <summary>Which columns of a table become which fields of payments and labels.</summary>
internal sealed record ImportMapping
{
    /// <summary>The columns that are read, each once; a row holds their texts in this order.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Where in the mapping each of <see cref="Columns"/> is first asked for.</summary>
    public required IReadOnlyList<string> ColumnPaths { get; init; }

    /// <summary>What separates the columns of a CSV file.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Texts that mean that there is no value, besides the empty one.</summary>
    public required FrozenSet<string> Missing { get; init; }

    /// <summary>The payment's texts. Without the transaction id it is made of the row's number.</summary>
    public required IReadOnlyList<(TextField Field, FieldSource From)> Texts { get; init; }

    public required TimeSource EventTime { get; init; }

    public required AmountSource Amount { get; init; }

    /// <summary>Columns of latitude and longitude; null when payments have no place.</summary>
    public (int Latitude, int Longitude)? Location { get; init; }

    public required IReadOnlyList<AttributeSource> Attributes { get; init; }

    /// <summary>What became known; null when the table does not tell.</summary>
    public LabelSource? Label { get; init; }

    public bool Hashes => Texts.Any(text => text.From.Hash);
}

/// <summary>A column of decimal amounts.</summary>
/// <param name="Slot">Position of the column.</param>
/// <param name="Round">Amounts are binary fractions, such as 285.79999999999995, and are rounded to the currency's minor unit.</param>
internal sealed record AmountSource(int Slot, bool Round);

/// <summary>A free attribute.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsNumber">It is a number and not a text.</param>
/// <param name="From">Where its text comes from.</param>
internal sealed record AttributeSource(string Name, bool IsNumber, FieldSource From);

/// <summary>A column of labels.</summary>
/// <param name="Slot">Position of the column.</param>
/// <param name="Fraud">Texts that mean fraud.</param>
/// <param name="Legitimate">Texts that mean that the payment is legitimate.</param>
/// <param name="Time">When labels became known; null when <paramref name="DelayMs"/> tells.</param>
/// <param name="DelayMs">How long after its payment a label becomes known, where no column tells.</param>
/// <param name="FraudsOnly">Only frauds get a label, as from a stream of chargebacks.</param>
/// <param name="Source">Where labels are said to come from.</param>
internal sealed record LabelSource(
    int Slot, FrozenSet<string> Fraud, FrozenSet<string> Legitimate, TimeSource? Time, long DelayMs, bool FraudsOnly, string Source);
