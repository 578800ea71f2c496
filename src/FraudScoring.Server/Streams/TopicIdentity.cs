using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Server.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Asks brokers for the id of a topic, which changes when the topic is deleted and recreated. Never asks the embedded broker, whose topics
/// cannot be deleted.
/// </summary>
internal sealed class TopicIdentity(KafkaClients clients, Lazy<IAdminClient> admin, string topic, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private Task _looking = Task.CompletedTask;
    private long _lookedAt;
    private string? _taken, _found;

    /// <summary>Asks for the id. Null if it is not known: brokers have none, or do not answer.</summary>
    public async Task<string?> TakeAsync()
    {
        await LookAsync();
        return _taken = _found;
    }

    /// <summary>
    /// Null while the id is the one that <see cref="TakeAsync"/> returned; else what has changed. Asks every 5 s, in the background.
    /// </summary>
    public string? FindChange()
    {
        if (_looking.IsCompleted && time.GetElapsedTime(_lookedAt) >= Interval)
        {
            _looking = LookAsync();
        }
        return _found == _taken ? null
            : _taken is null ? $"Not a failure: the id of topic {topic} became known, and its partitions are placed again."
            : $"Topic {topic} was deleted and recreated; it is read from its beginning.";
    }

    private async Task LookAsync()
    {
        _lookedAt = time.GetTimestamp();
        if (clients.IsEmbedded)
        {
            return;
        }
        try
        {
            var described = await admin.Value.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Limit });
            var id = described.TopicDescriptions[0].TopicId;
            _found = id.MostSignificantBits == 0 && id.LeastSignificantBits == 0 ? null : id.ToString();
        }
        catch (KafkaException)
        {
            // The topic does not exist now, or brokers do not answer. What was known stays until they do.
        }
    }
}
