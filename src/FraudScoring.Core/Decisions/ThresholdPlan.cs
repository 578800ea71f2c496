using System.Globalization;

namespace FraudScoring.Core.Decisions;

/// <summary>Thresholds as files hold them: a triple for all payments, and triples that replace it in segments.</summary>
/// <param name="Review">Fraud probability from which on a payment is reviewed.</param>
/// <param name="Challenge">From which on it is challenged.</param>
/// <param name="Decline">From which on it is declined.</param>
public sealed record ThresholdPlan(double Review, double Challenge, double Decline)
{
    /// <summary>The field that cuts payments into segments, one of <see cref="SegmentScheme.Fields"/>; null for none.</summary>
    public string? By { get; init; }

    /// <summary>Amounts in the catalogue's reference currency from which on another band begins.</summary>
    public IReadOnlyList<double> Amounts { get; init; } = [];

    /// <summary>Segments with thresholds of their own. All other payments get the triple above.</summary>
    public IReadOnlyList<SegmentThresholds> Segments { get; init; } = [];

    /// <summary>The triple for payments of no segment.</summary>
    public Thresholds Default() => new(Review, Challenge, Decline);
}

/// <summary>Thresholds of one segment.</summary>
/// <param name="Value">Value of the field that cuts; null when there is none.</param>
/// <param name="AmountFrom">Where the segment's band of amounts begins; 0 for the first.</param>
/// <param name="Review">Fraud probability from which on a payment is reviewed.</param>
/// <param name="Challenge">From which on it is challenged.</param>
/// <param name="Decline">From which on it is declined.</param>
public sealed record SegmentThresholds(string? Value, double AmountFrom, double Review, double Challenge, double Decline)
{
    /// <summary>The segment in words, such as "ecommerce, from 50".</summary>
    public string Name() => NameOf(Value, AmountFrom);

    /// <summary>A segment in words.</summary>
    public static string NameOf(string? value, double amountFrom) =>
        string.Create(CultureInfo.InvariantCulture, $"{value}{(value is null ? "" : ", ")}from {amountFrom:0.##}");

    /// <summary>The triple.</summary>
    public Thresholds Triple() => new(Review, Challenge, Decline);
}
