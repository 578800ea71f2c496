using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>What a consumer reports about the freshness of one partition.</summary>
/// <param name="Source">Number of the topic and partition; see <see cref="AppliedOffsets.SourceOf"/>.</param>
/// <param name="Marker">The offset that the marker of the first bucket has at least, as far as the consumer knows.</param>
/// <param name="Lag">Time since every record that existed was applied.</param>
/// <param name="Storing">How the lag is stored.</param>
/// <param name="LeastMarker">The offset that the markers of all buckets have at least, as far as the consumer knows.</param>
internal readonly record struct PartitionFreshness(int Source, long Marker, TimeSpan Lag, FreshnessStoring Storing, long LeastMarker);

/// <summary>How a report changes the stored value.</summary>
internal enum FreshnessStoring
{
    /// <summary>Never moves it back: another instance may know of a later time.</summary>
    Advance,
    /// <summary>Also moves it back. Used after a rewind.</summary>
    Set,
    /// <summary>Stores it only if there is no value. Used while a partition is read for the first time.</summary>
    Begin,
}
