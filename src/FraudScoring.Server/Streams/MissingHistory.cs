using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Records that history is missing, and when it begins again: with the event time of the next records of the partition, or, if it has
/// none, when it is read to its end.
/// </summary>
internal sealed class MissingHistory(HistoryGaps gaps, RedisRetry retry, TimeProvider time)
{
    // Partitions with a gap that has no end yet, and partitions whose late log has no record yet.
    private readonly HashSet<int> _open = [], _beginning = [];

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Determines whether records before the beginning of the log are missing, and stores that.</summary>
    /// <param name="source">Number of the topic and partition.</param>
    /// <param name="marker">Offset before which Redis has every record.</param>
    /// <param name="low">Offset that the log begins with.</param>
    /// <param name="before">Offset before which records were applied once, as the group or this consumer knows; 0 if none were.</param>
    /// <param name="cancellationToken">Ends the wait for Redis.</param>
    /// <returns>True if they are: Redis once had records that are gone from the log.</returns>
    public async Task<bool> FindAsync(int source, long marker, long low, long before, CancellationToken cancellationToken)
    {
        if (AppliedOffsets.GenerationOf(source) > 0)
        {
            await retry.UntilDoneAsync(() => gaps.CloseEarlierAsync(source, NowMs), cancellationToken);
        }
        var isLost = low > marker && (marker > 0 || before > 0);
        if (isLost)
        {
            await retry.UntilDoneAsync(() => gaps.OpenAsync(source, marker, NowMs), cancellationToken);
        }
        else if (low > marker)
        {
            await retry.UntilDoneAsync(() => gaps.BeginAsync(source), cancellationToken);
        }
        var found = await retry.UntilDoneAsync(() => gaps.FindAsync(source), cancellationToken);
        Note(_open, source, found.IsOpen);
        Note(_beginning, source, found.Begins);
        return isLost;
    }

    /// <summary>Stores where the history of each partition begins again that had no record since it was lost, or began late.</summary>
    public async Task CloseAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        if (_open.Count == 0 && _beginning.Count == 0)
        {
            return;
        }
        var records = batch.Transactions.Select(transaction => (transaction.Position, Ms: transaction.Payment.EventTimeMs))
            .Concat(batch.Labels.Select(label => (label.Label.Position, Ms: label.Label.Label.LabelTimeMs)));
        foreach (var partition in records.GroupBy(record => record.Position.Source).ToList())
        {
            if (_open.Contains(partition.Key))
            {
                // The newest of many: any single one may be late.
                await CloseAsync(partition.Key, Math.Min(partition.Max(record => record.Ms), NowMs), cancellationToken);
            }
            if (_beginning.Remove(partition.Key))
            {
                var firstMs = Math.Min(partition.MinBy(record => record.Position.Offset).Ms, NowMs);
                await retry.UntilDoneAsync(() => gaps.SetSinceAsync(partition.Key, firstMs), cancellationToken);
            }
        }
    }

    /// <summary>Closes the gap of a partition that is read to its end: nothing is missing from now on.</summary>
    public Task CloseAtEndAsync(int source, CancellationToken cancellationToken) =>
        _open.Contains(source) ? CloseAsync(source, NowMs, cancellationToken) : Task.CompletedTask;

    private async Task CloseAsync(int source, long endMs, CancellationToken cancellationToken)
    {
        if (await retry.UntilDoneAsync(() => gaps.CloseAsync(source, endMs), cancellationToken))
        {
            _open.Remove(source);
        }
    }

    private static void Note(HashSet<int> sources, int source, bool isIn)
    {
        if (isIn)
        {
            sources.Add(source);
        }
        else
        {
            sources.Remove(source);
        }
    }
}
