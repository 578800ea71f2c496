using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;

namespace FraudScoring.LoadTest;

/// <summary>Removes the keys and topics that a run leaves on existing servers. Their names begin with the run's prefix.</summary>
internal static class Leftovers
{
    private const int KeysAtOnce = 5000;

    /// <summary>Deletes the keys with a prefix, one at a time, because a cluster may hold them on several nodes.</summary>
    public static async Task DeleteKeysAsync(string redis, string prefix)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        foreach (var server in connection.GetServers().Where(server => !server.IsReplica))
        {
            foreach (var keys in server.Keys(pattern: $"{prefix}:*", pageSize: KeysAtOnce).Chunk(KeysAtOnce))
            {
                await Task.WhenAll(keys.Select(key => connection.GetDatabase().KeyDeleteAsync(key)));
            }
        }
    }

    public static async Task DeleteTopicsAsync(string kafka, params string[] topics)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka }).Build();
        try
        {
            await admin.DeleteTopicsAsync(topics);
        }
        catch (DeleteTopicsException e) when (
            e.Results.All(result => result.Error.Code is ErrorCode.NoError or ErrorCode.UnknownTopicOrPart))
        {
            // A topic without records was never created.
        }
    }
}
