namespace FraudScoring.Server.Streams;

/// <summary>A consumer's position in one partition: which records are applied, and until when all that existed are.</summary>
/// <remarks>
/// Record timestamps say nothing about that: producers write them, and may write old or invalid ones. Instead, samples of the partition's
/// end are kept. Once the position has reached the end of a sample, every record that existed at its time is applied. At the end of the
/// partition, which the client reports as an event, that time is now. The event also passes over what is never delivered: control
/// records, and records of aborted transactions.
/// </remarks>
internal sealed class PartitionPosition(long next)
{
    private const int MostSamples = 64;
    // Samples that were reached say where a rewind leads to; those of the last seconds will do.
    private const int MostReached = 16;

    private readonly List<(long At, long End)> _samples = [];
    // While the consumer is far behind, samples must span the whole way to the end: they are then kept further apart.
    private long _spacing;

    /// <summary>Next offset to apply.</summary>
    public long Next { get; private set; } = next;

    /// <summary>Next offset to take into a batch.</summary>
    public long NextTaken { get; private set; } = next;

    /// <summary>Offset that the client may commit; null if there is none yet.</summary>
    public long? Stored { get; set; }

    /// <summary>When brokers last answered where the partition ends, as <see cref="TimeProvider.GetTimestamp"/> has it.</summary>
    public long? AnsweredAt { get; private set; }

    /// <summary>When brokers were last asked where the partition ends.</summary>
    public long? AskedAt { get; set; }

    /// <summary>The latest time such that every record that existed then is applied; null if it is not known.</summary>
    public long? AppliedUntil { get; private set; }

    /// <summary>True after a rewind, until the freshness in Redis is moved back, too.</summary>
    public bool IsSetBack { get; set; }

    /// <summary>Number of records not applied yet, as of the last answer of the brokers.</summary>
    public long Remaining => _samples.Count == 0 ? 0 : Math.Max(0, _samples[^1].End - Next);

    /// <summary>Advances past the records that were taken into a batch.</summary>
    public void Take(long next) => NextTaken = next;

    /// <summary>Advances past applied records.</summary>
    public void Apply(long next)
    {
        Next = next;
        NextTaken = Math.Max(NextTaken, next);
        ReachSamples();
    }

    /// <summary>Sets the next offset to apply, back or to where the consumer starts.</summary>
    public void Place(long next, bool isRewind)
    {
        (Next, NextTaken, IsSetBack) = (next, next, IsSetBack || isRewind);
        AppliedUntil = null;
        ReachSamples();
    }

    /// <summary>Adds a sample: the partition ended at this offset.</summary>
    /// <param name="at">Time before brokers were asked.</param>
    /// <param name="end">Their answer.</param>
    public void AddSample(long at, long end)
    {
        if (_samples.Count > 1 && _samples[^1].At - _samples[^2].At < _spacing)
        {
            _samples.RemoveAt(_samples.Count - 1);
        }
        else if (_samples.Count == MostSamples && _samples.FindLastIndex(sample => sample.End <= Next) is var reached and >= MostReached)
        {
            _samples.RemoveRange(0, reached + 1 - MostReached);
        }
        else if (_samples.Count == MostSamples)
        {
            for (var s = MostSamples - 3; s > 0; s -= 2)
            {
                _samples.RemoveAt(s);
            }
            _spacing = (at - _samples[0].At) / _samples.Count;
        }
        _samples.Add((at, end));
        AnsweredAt = at;
        ReachSamples();
    }

    /// <summary>True if all records that the client has delivered up to its end event are applied.</summary>
    public bool IsAtEnd(long end) => Next == NextTaken && end >= Next;

    /// <summary>Advances to the end of the partition: every record that exists now is applied.</summary>
    public void ReachEnd(long now, long end) => (Next, NextTaken, AppliedUntil) = (end, end, now);

    private void ReachSamples()
    {
        for (var s = _samples.Count - 1; s >= 0; s--)
        {
            if (_samples[s].End <= Next)
            {
                AppliedUntil = Math.Max(AppliedUntil ?? long.MinValue, _samples[s].At);
                _spacing = s + MostReached >= _samples.Count ? 0 : _spacing;
                return;
            }
        }
    }
}
