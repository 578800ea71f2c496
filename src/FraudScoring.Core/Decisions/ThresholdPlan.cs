using System.Globalization;

namespace FraudScoring.Core.Decisions;

/// <summary>Thresholds as files write them: one triple for all payments, and triples that replace it in segments.</summary>
/// <param name="Review">Least fraud probability at which a payment is reviewed.</param>
/// <param name="Challenge">Least fraud probability at which it is challenged.</param>
/// <param name="Decline">Least fraud probability at which it is declined.</param>
public sealed record ThresholdPlan(double Review, double Challenge, double Decline)
{
    /// <summary>The segmenting field, one of <see cref="SegmentScheme.Fields"/>; null for none.</summary>
    public string? By { get; init; }

    /// <summary>Lower bounds of the amount bands after the first, in the catalogue's reference currency.</summary>
    public IReadOnlyList<double> Amounts { get; init; } = [];

    /// <summary>Segments with thresholds of their own. All other payments use the triple of the plan.</summary>
    public IReadOnlyList<SegmentThresholds> Segments { get; init; } = [];

    /// <summary>The triple for payments outside the segments.</summary>
    public Thresholds Default() => new(Review, Challenge, Decline);
}

/// <summary>Thresholds of one segment.</summary>
/// <param name="Value">Value of the segmenting field; null without one.</param>
/// <param name="AmountFrom">Lower bound of the segment's amount band; 0 for the first.</param>
/// <param name="Review">Least fraud probability at which a payment is reviewed.</param>
/// <param name="Challenge">Least fraud probability at which it is challenged.</param>
/// <param name="Decline">Least fraud probability at which it is declined.</param>
public sealed record SegmentThresholds(string? Value, double AmountFrom, double Review, double Challenge, double Decline)
{
    /// <summary>Describes the segment, such as "ecommerce, from 50".</summary>
    public string Name() => NameOf(Value, AmountFrom);

    /// <summary>Describes a segment by its value and its amount band.</summary>
    public static string NameOf(string? value, double amountFrom) =>
        string.Create(CultureInfo.InvariantCulture, $"{value}{(value is null ? "" : ", ")}from {amountFrom:0.##}");

    /// <summary>The thresholds as a triple.</summary>
    public Thresholds Triple() => new(Review, Challenge, Decline);
}
