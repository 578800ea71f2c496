namespace FraudScoring.Core.Profiles;

/// <summary>
/// Per partition of the event log, the offset of the last record that was applied to a profile. A record at or before that offset is
/// skipped, so reading the log again after a crash, a rebalance or a rewind changes nothing.
/// </summary>
/// <remarks>
/// The offsets are stored in the profile's own value, so one write changes both atomically. Consumer offsets committed to Kafka alone would
/// lag behind the store or run ahead of it, and a record would be applied twice or lost. This relies on each partition being applied in
/// order. The cost is a few bytes per partition; an entity has records in more than one, because the log is keyed by card.
/// </remarks>
public sealed class AppliedOffsets
{
    private const int GenerationShift = 18;

    // Sorted by source, so that equal offsets always have equal bytes.
    private (int Source, long Offset)[] _offsets = new (int, long)[2];

    /// <summary>Number of partitions with applied records.</summary>
    public int Count { get; private set; }

    /// <summary>The offset of the last applied record per source, in ascending order of sources.</summary>
    public ReadOnlySpan<(int Source, long Offset)> Items => _offsets.AsSpan(0, Count);

    /// <summary>Combines a topic and a partition into the number of a source.</summary>
    /// <param name="topic">0 for transactions, 1 for labels.</param>
    /// <param name="partition">The partition, below 131,072.</param>
    /// <param name="generation">
    /// How often the topic was recreated, below 8,192. Offsets of a recreated topic begin again, so they belong to another source.
    /// </param>
    public static int SourceOf(int topic, int partition, int generation = 0) => (generation << GenerationShift) | (partition << 1) | topic;

    /// <summary>Returns the topic of a source.</summary>
    /// <param name="source">A number returned by <see cref="SourceOf"/>.</param>
    public static int TopicOf(int source) => source & 1;

    /// <summary>Returns the partition of a source.</summary>
    /// <param name="source">A number returned by <see cref="SourceOf"/>.</param>
    public static int PartitionOf(int source) => (source >> 1) & ((1 << (GenerationShift - 1)) - 1);

    /// <summary>Returns the generation of a source.</summary>
    /// <param name="source">A number returned by <see cref="SourceOf"/>.</param>
    public static int GenerationOf(int source) => source >> GenerationShift;

    /// <summary>Returns the offset of the last record applied from a source, or -1.</summary>
    public long LastOf(int source)
    {
        foreach (var (known, offset) in Items)
        {
            if (known == source)
            {
                return offset;
            }
        }
        return -1;
    }

    /// <summary>Records that a record is being applied.</summary>
    /// <returns>False if the record has already been applied and must be skipped.</returns>
    public bool Advance(int source, long offset)
    {
        var at = 0;
        while (at < Count && _offsets[at].Source < source)
        {
            at++;
        }
        if (at == Count || _offsets[at].Source != source)
        {
            if (Count == _offsets.Length)
            {
                Array.Resize(ref _offsets, Count * 2);
            }
            Array.Copy(_offsets, at, _offsets, at + 1, Count - at);
            _offsets[at] = (source, offset);
            Count++;
            return true;
        }
        if (offset <= _offsets[at].Offset)
        {
            return false;
        }
        _offsets[at].Offset = offset;
        return true;
    }

    /// <summary>Removes the offsets of earlier generations of a source's topic: their records no longer exist.</summary>
    public void RemoveBefore(int source)
    {
        if (GenerationOf(source) == 0)
        {
            return;
        }
        var kept = 0;
        foreach (var item in Items)
        {
            if (TopicOf(item.Source) != TopicOf(source) || GenerationOf(item.Source) >= GenerationOf(source))
            {
                _offsets[kept++] = item;
            }
        }
        Count = kept;
    }

    /// <summary>Removes all offsets.</summary>
    public void Clear() => Count = 0;
}
