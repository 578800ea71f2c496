namespace FraudScoring.Core.Profiles;

/// <summary>
/// Per partition of the log, the offset of the last record that is in a profile. A record at or before it is there already, so
/// replaying the log after a crash, a rebalance or a rewind changes nothing.
/// </summary>
public sealed class AppliedOffsets
{
    private (int Source, long Offset)[] _offsets = new (int, long)[2];

    /// <summary>How many partitions have contributed.</summary>
    public int Count { get; private set; }

    /// <summary>The partitions and offsets, by source number.</summary>
    public ReadOnlySpan<(int Source, long Offset)> Items => _offsets.AsSpan(0, Count);

    /// <summary>One number for a partition of one of the topics.</summary>
    /// <param name="topic">0 for transactions, 1 for labels.</param>
    /// <param name="partition">The partition.</param>
    public static int SourceOf(int topic, int partition) => (partition << 1) | topic;

    /// <summary>The partition in the number of a source.</summary>
    /// <param name="source">The number, as <see cref="SourceOf"/> makes it.</param>
    public static int PartitionOf(int source) => source >> 1;

    /// <summary>The last offset applied from a source, or -1.</summary>
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

    /// <summary>Takes note of a record.</summary>
    /// <returns>False when the record is in the profile already and must not be applied again.</returns>
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

    /// <summary>Forgets everything.</summary>
    public void Clear() => Count = 0;
}
