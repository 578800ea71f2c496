using Confluent.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>Number of partitions of a topic, as the brokers name them. Asked for now and then, since partitions may be added.</summary>
internal sealed class TopicPartitions(string topic, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnknownInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(2);

    private long? _askedAt;

    /// <summary>Number of partitions; 0 while it is unknown.</summary>
    public int Count { get; private set; }

    /// <summary>Asks brokers if that is due. Blocks the calling thread for up to 2 s.</summary>
    public void Refresh(IAdminClient admin)
    {
        if (_askedAt is { } at && time.GetElapsedTime(at) < (Count == 0 ? UnknownInterval : Interval))
        {
            return;
        }
        try
        {
            var answer = admin.GetMetadata(topic, AskLimit).Topics.Find(found => found.Topic == topic);
            Count = answer is { Error.IsError: false, Partitions.Count: > 0 } ? answer.Partitions.Count : Count;
        }
        catch (KafkaException)
        {
            // What was known stays.
        }
        _askedAt = time.GetTimestamp();
    }
}
