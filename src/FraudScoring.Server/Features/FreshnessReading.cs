using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>Until when the records of each partition are applied, as stored in Redis.</summary>
/// <param name="NowMs">Time of Redis's clock, milliseconds since the Unix epoch.</param>
/// <param name="AppliedUntilMs">
/// By partition, numbered by <see cref="AppliedOffsets.SourceOf"/>: the latest time such that every record that existed then is applied,
/// by the same clock.
/// </param>
internal sealed record FreshnessReading(long NowMs, IReadOnlyDictionary<int, long> AppliedUntilMs)
{
    /// <summary>The fingerprint of the secret that the profiles have; null if there are none.</summary>
    public string? Secret { get; init; }

    /// <summary>By partition, the history that a loss left out.</summary>
    public IReadOnlyDictionary<int, HistoryGap> Gaps { get; init; } = new Dictionary<int, HistoryGap>();

    /// <summary>By topic, how often it was recreated; see <see cref="TopicGenerations"/>.</summary>
    public IReadOnlyDictionary<int, int> Generations { get; init; } = new Dictionary<int, int>();

    /// <summary>By partition whose log began late, the event time of its first record; 0 as long as there is none.</summary>
    public IReadOnlyDictionary<int, long> SinceMs { get; init; } = new Dictionary<int, long>();
}
