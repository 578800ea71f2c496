using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Streams;

/// <summary>Section "Labels": how labels without tokens find their payment.</summary>
internal sealed record LabelsOptions
{
    public const string Section = "Labels";

    /// <summary>
    /// Longest time from a payment to a label without tokens that is still applied to it, in days. The topic of transactions must keep
    /// records for as long.
    /// </summary>
    [Range(1, 3660)]
    public int HorizonDays { get; init; } = 90;

    /// <summary>
    /// How long a label without tokens waits for its transaction before its payment is searched in the topic of transactions, and the
    /// shortest time between two searches, in seconds. A search takes at most 10,000 labels, the oldest first.
    /// </summary>
    [Range(1, SecondsPer.Day)]
    public int SearchIntervalSeconds { get; init; } = 600;

    /// <summary>Records per second that a search reads at most. Lower it if searches compete with payments.</summary>
    [Range(1000, 10_000_000)]
    public int SearchRecordsPerSecond { get; init; } = 50_000;

    /// <summary>
    /// True if a label without tokens is close enough to its payment to be applied to it, wherever and in whatever order the two are read:
    /// otherwise a rebuild would give other profiles.
    /// </summary>
    /// <param name="label">The label.</param>
    /// <param name="paymentMs">When the payment was made, milliseconds since the Unix epoch.</param>
    public bool IsWithinHorizon(Label label, long paymentMs) => label.LabelTimeMs - paymentMs <= HorizonDays * MillisecondsPer.Day;
}
