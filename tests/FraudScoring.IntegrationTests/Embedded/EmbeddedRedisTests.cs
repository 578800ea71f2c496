using FraudScoring.Server.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Embedded;

public sealed class EmbeddedRedisTests
{
    [Test]
    public async Task Start_Twice_GivesTwoServersThatShareNothing()
    {
        using var one = EmbeddedRedis.Start(NullLogger.Instance);
        using var two = EmbeddedRedis.Start(NullLogger.Instance);
        await using var toOne = await ConnectionMultiplexer.ConnectAsync(one.Configuration);
        await using var toTwo = await ConnectionMultiplexer.ConnectAsync(two.Configuration);
        await toOne.GetDatabase().StringSetAsync("key", "one");
        Assert.That(await toTwo.GetDatabase().KeyExistsAsync("key"), Is.False);
    }

    [Test]
    public async Task Dispose_LeavesNoListenerAndNoFolder()
    {
        var folders = Folders();
        var server = EmbeddedRedis.Start(NullLogger.Instance);
        Assert.That(Folders(), Has.Length.EqualTo(folders.Length + 1));
        server.Dispose();
        server.Dispose();
        Assert.That(Folders(), Is.EqualTo(folders));
        Assert.That(
            () => ConnectionMultiplexer.ConnectAsync($"{server.Configuration},connectRetry=0,connectTimeout=500"),
            Throws.InstanceOf<RedisConnectionException>());
        await Task.CompletedTask;
    }

    [Test]
    public async Task Write_MoreThanMemoryHolds_KeepsTheNewest()
    {
        using var server = EmbeddedRedis.Start(NullLogger.Instance);
        await using var client = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var database = client.GetDatabase();
        var value = new byte[64 * 1024];
        for (var batch = 0; batch < 64; batch++)
        {
            await Task.WhenAll(Enumerable.Range(batch * 100, 100).Select(i => database.StringSetAsync($"k{i}", value)));
        }
        Assert.That(await database.KeyExistsAsync("k0"), Is.False);
        Assert.That(await database.StringLengthAsync("k6399"), Is.EqualTo(value.Length));
    }

    private static string[] Folders() => [.. Directory.GetDirectories(Path.GetTempPath(), "fraud-scoring-redis-*").Order()];
}
