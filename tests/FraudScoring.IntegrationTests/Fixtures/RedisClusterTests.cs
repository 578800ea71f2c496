using FraudScoring.Core.Profiles;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Fixtures;

public sealed class RedisClusterTests
{
    [Test]
    public async Task ACluster_HasItsKeysAfterAResharding_AndLosesThoseOfANodeRestartedEmpty()
    {
        await using var cluster = await RedisCluster.StartNewAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(cluster.Configuration);
        var keys = Enumerable.Range(0, 512).Select(i => (RedisKey)$"{{{i % EntityKey.Buckets}}}:{i}").ToList();
        await Task.WhenAll(keys.Select(key => client.GetDatabase().StringSetAsync(key, 1)));
        var slots = await cluster.BucketSlotsAsync(0);

        await cluster.ReshardAsync(0, 1, slots);
        Assert.That(await CountAsync(client, keys), Is.EqualTo(512));
        Assert.That(await cluster.BucketSlotsAsync(0), Is.Empty);
        Assert.That(await cluster.BucketSlotsAsync(1), Is.SupersetOf(slots));

        var gone = (await cluster.BucketSlotsAsync(2)).ToHashSet();
        await cluster.RestartEmptyAsync(2);
        await using var later = await ConnectionMultiplexer.ConnectAsync(cluster.Configuration);
        Assert.That(await CountAsync(later, keys), Is.EqualTo(keys.Count(key => !gone.Contains(later.HashSlot(key)))));
    }

    private static async Task<int> CountAsync(ConnectionMultiplexer client, List<RedisKey> keys) =>
        (await Task.WhenAll(keys.Select(key => client.GetDatabase().KeyExistsAsync(key)))).Count(exists => exists);
}
