using Confluent.Kafka;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>Numbers the partitions of a topic as sources of records. A recreated topic has other numbers than the one before.</summary>
internal sealed class TopicSources(int topicNumber, TopicIdentity identity, TopicGenerations generations, RedisRetry retry)
{
    /// <summary>How often the topic was recreated.</summary>
    public int Generation { get; private set; }

    /// <summary>The number of a partition; see <see cref="AppliedOffsets.SourceOf"/>.</summary>
    public int Of(TopicPartition partition) => AppliedOffsets.SourceOf(topicNumber, partition.Partition.Value, Generation);

    /// <summary>Finds the topic's generation by its id.</summary>
    /// <returns>True if it has changed: the numbers have, too.</returns>
    public async Task<bool> FindAsync(CancellationToken cancellationToken)
    {
        var (before, id) = (Generation, await identity.TakeAsync());
        Generation = await retry.UntilDoneAsync(() => generations.FindAsync(topicNumber, id), cancellationToken);
        if (Generation > 0)
        {
            await retry.UntilDoneAsync(() => generations.RemoveMarkersBeforeAsync(topicNumber, Generation), cancellationToken);
        }
        return Generation != before;
    }
}
