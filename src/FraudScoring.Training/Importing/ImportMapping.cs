using System.Collections.Frozen;
using FraudScoring.Core.Expressions;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Says which columns of a table become which fields of payments and labels. Sources refer to columns by their index in
/// <see cref="Columns"/>, so that each column is read once, however many fields use it.
/// </summary>
internal sealed record ImportMapping
{
    /// <summary>The columns. A row holds their texts in this order.</summary>
    public required MappedColumns Columns { get; init; }

    /// <summary>How text files are written.</summary>
    public TextFormat Text { get; init; } = new();

    /// <summary>Rows for which it is false are left out; null to read all.</summary>
    public Expression<string[]>? Filter { get; init; }

    /// <summary>Texts that stand for a missing value, besides the empty text.</summary>
    public required FrozenSet<string> Missing { get; init; }

    /// <summary>The payment's text fields. Without a source for the transaction id, it is the row's number.</summary>
    public required IReadOnlyList<(TextField Field, FieldSource From)> Texts { get; init; }

    /// <summary>How amounts, number attributes and locations are written.</summary>
    public NumberFormat Numbers { get; init; } = NumberFormat.Invariant;

    public required TimeSource EventTime { get; init; }

    public required AmountSource Amount { get; init; }

    /// <summary>Columns of latitude and longitude; null if payments have no location.</summary>
    public (int Latitude, int Longitude)? Location { get; init; }

    public required IReadOnlyList<AttributeSource> Attributes { get; init; }

    /// <summary>The source of labels; null if the table has none.</summary>
    public LabelSource? Label { get; init; }

    /// <summary>Whether any text field or attribute is hashed.</summary>
    public bool Hashes => Texts.Any(text => text.From.Hash) || Attributes.Any(attribute => attribute.From.Hash);
}

/// <summary>A payment attribute.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsNumber">True for a number, false for a text.</param>
/// <param name="From">The source of its text.</param>
internal sealed record AttributeSource(string Name, bool IsNumber, FieldSource From);

/// <summary>A column of labels.</summary>
/// <param name="Column">Index of the column.</param>
/// <param name="Fraud">Texts that mean fraud, in any letter case.</param>
/// <param name="Legitimate">Texts that mean legitimate, in any letter case.</param>
/// <param name="Time">Column of the times at which labels became known; null to use <paramref name="DelayMs"/>.</param>
/// <param name="DelayMs">Time from a payment to its label, in milliseconds, if no column holds it.</param>
/// <param name="FraudsOnly">True to label only frauds, as a stream of chargebacks does.</param>
/// <param name="Source">Name recorded as the source of the labels.</param>
internal sealed record LabelSource(
    int Column, FrozenSet<string> Fraud, FrozenSet<string> Legitimate, TimeSource? Time, long DelayMs, bool FraudsOnly, string Source);
