using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>Reports once a second, also while idle, until when the records of this consumer's partitions are applied.</summary>
/// <param name="sources">Numbers the partitions.</param>
/// <param name="freshness">Stores the reports.</param>
/// <param name="position">The consumer's position.</param>
/// <param name="markers">The markers that this consumer expects in Redis.</param>
/// <param name="gauges">Show the records that are left.</param>
/// <param name="longest">Lag of a partition of which nothing is known: the longest window, as if it had no record of the windows.</param>
/// <param name="time">The clock.</param>
internal sealed class FreshnessReport(
    TopicSources sources, StreamFreshness freshness, StreamPosition position, StateMarkers markers, StreamGauges gauges, TimeSpan longest,
    TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly List<PartitionFreshness> _partitions = [];
    private long? _sentAt;

    /// <summary>Sends a report if one is due. One that fails is not repeated: the next one says more.</summary>
    /// <returns>False if Redis has lost data.</returns>
    public async Task<bool> SendIfDueAsync()
    {
        if ((_sentAt is { } at && time.GetElapsedTime(at) < Interval) || position.Partitions.Count == 0)
        {
            return true;
        }
        _sentAt = time.GetTimestamp();
        _partitions.Clear();
        foreach (var (partition, place) in position.Partitions)
        {
            var source = sources.Of(partition);
            gauges.ShowRemaining(partition.Partition.Value, place.Remaining);
            _partitions.Add(new PartitionFreshness(
                source, markers.At(source, ProfileKeys.FreshnessBucket),
                place.AppliedUntil is { } until ? time.GetElapsedTime(until) : longest,
                place.IsSetBack ? FreshnessStoring.Set : place.AppliedUntil is null ? FreshnessStoring.Begin : FreshnessStoring.Advance,
                markers.Least(source)));
        }
        try
        {
            if (!await freshness.ReportAsync(_partitions))
            {
                return false;
            }
            foreach (var place in position.Partitions.Values)
            {
                place.IsSetBack = false;
            }
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // Payments miss their features meanwhile, and say so.
        }
        return true;
    }
}
