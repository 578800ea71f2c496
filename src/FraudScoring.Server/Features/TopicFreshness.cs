using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>
/// Judges how far the profiles are behind one topic, by the partition that is furthest behind. Partitions are those that the brokers name
/// and those that have a value.
/// </summary>
internal sealed class TopicFreshness(int topicNumber)
{
    private readonly Dictionary<int, long> _firstSeenMs = [];
    private readonly Dictionary<int, long> _appliedUntilMs = [];
    private long? _startMs;

    /// <summary>By partition, the time until which its records are applied, by Redis's clock.</summary>
    public IReadOnlyDictionary<int, long> AppliedUntilMs => _appliedUntilMs;

    /// <summary>True once all records that existed when the service started are applied.</summary>
    public bool HasReadUpToStart { get; private set; }

    /// <summary>Judges a reading.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="partitions">Number of partitions that the brokers name; 0 while it is unknown.</param>
    /// <param name="running">Time since the service started.</param>
    /// <returns>The lag of the partition that is furthest behind.</returns>
    public TimeSpan Judge(FreshnessReading reading, int partitions, TimeSpan running)
    {
        var startMs = _startMs ??= reading.NowMs - (long)running.TotalMilliseconds;
        // Of a partition without a value nothing is known since the start, or since it was added to the topic.
        var firstSeenMs = _firstSeenMs.Count == 0 ? startMs : reading.NowMs;
        var generation = reading.Generations.GetValueOrDefault(topicNumber);
        _appliedUntilMs.Clear();
        for (var partition = 0; partition < partitions; partition++)
        {
            _firstSeenMs.TryAdd(partition, firstSeenMs);
            _appliedUntilMs.Add(partition, _firstSeenMs[partition]);
        }
        foreach (var (source, appliedUntilMs) in reading.AppliedUntilMs)
        {
            if (AppliedOffsets.TopicOf(source) == topicNumber && AppliedOffsets.GenerationOf(source) == generation)
            {
                _appliedUntilMs[AppliedOffsets.PartitionOf(source)] = appliedUntilMs;
            }
        }
        var leastMs = _appliedUntilMs.Count == 0 ? startMs : _appliedUntilMs.Values.Min();
        HasReadUpToStart |= partitions > 0 && Enumerable.Range(0, partitions).All(partition => reading.AppliedUntilMs.TryGetValue(
            AppliedOffsets.SourceOf(topicNumber, partition, generation), out var untilMs) && untilMs >= startMs);
        return TimeSpan.FromMilliseconds(Math.Max(0, reading.NowMs - leastMs));
    }
}
