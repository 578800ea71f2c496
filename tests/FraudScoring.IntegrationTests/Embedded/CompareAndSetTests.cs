using FraudScoring.IntegrationTests.Fixtures;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Embedded;

/// <summary>The feature store relies on a script that replaces a value only if its first eight bytes match.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.Both))]
public sealed class CompareAndSetTests(Backends backends)
{
    private const string Script = """
        local v = redis.call('GETRANGE', KEYS[1], 0, 7)
        if v == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 else return 0 end
        """;

    private readonly List<ConnectionMultiplexer> _clients = [];

    [OneTimeSetUp]
    public async Task Start()
    {
        await backends.StartRedisAsync();
        for (var i = 0; i < 4; i++)
        {
            _clients.Add(await ConnectionMultiplexer.ConnectAsync(backends.RedisConfiguration));
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    [Test]
    public async Task CompareAndSet_ExpectedVersion_ReplacesTheValue()
    {
        var database = _clients[0].GetDatabase();
        var key = Key(1);
        Assert.That(await TrySetAsync(database, key, [], Value(1)), "a missing key has the empty version");
        Assert.That(await TrySetAsync(database, key, Version(1), Value(2)));
        Assert.That((byte[]?)await database.StringGetAsync(key), Is.EqualTo(Value(2)));
        Assert.That(await database.KeyTimeToLiveAsync(key), Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public async Task CompareAndSet_OtherVersion_KeepsTheValue()
    {
        var database = _clients[0].GetDatabase();
        var key = Key(2);
        await database.StringSetAsync(key, Value(7));
        Assert.That(await TrySetAsync(database, key, Version(6), Value(8)), Is.False);
        Assert.That(await TrySetAsync(database, key, [], Value(8)), Is.False);
        Assert.That((byte[]?)await database.StringGetAsync(key), Is.EqualTo(Value(7)));
    }

    [Test]
    public async Task CompareAndSet_Pipelined_AnswersInOrder()
    {
        var database = _clients[0].GetDatabase();
        var keys = Enumerable.Range(100, 500).Select(Key).ToArray();
        await Task.WhenAll(keys.Where((_, i) => i % 3 == 0).Select(key => database.StringSetAsync(key, Value(1))));
        var answers = await Task.WhenAll(keys.Select(key => TrySetAsync(database, key, Version(1), Value(2))));
        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, keys.Length).Select(i => i % 3 == 0)));
    }

    [Test]
    public async Task CompareAndSet_ManyWriters_LosesNoUpdate()
    {
        const int writers = 8;
        const int updates = 300;
        var key = Key(3);
        await _clients[0].GetDatabase().StringSetAsync(key, Value(0));
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => CountUpAsync(_clients[writer % 4], key, updates))));
        var value = (byte[])(await _clients[0].GetDatabase().StringGetAsync(key))!;
        Assert.That(BitConverter.ToInt64(value), Is.EqualTo(writers * updates));
    }

    private static async Task CountUpAsync(ConnectionMultiplexer client, RedisKey key, int times)
    {
        var database = client.GetDatabase();
        for (var done = 0; done < times;)
        {
            var version = BitConverter.ToInt64((byte[])(await database.StringGetAsync(key))!);
            done += await TrySetAsync(database, key, Version(version), Value(version + 1)) ? 1 : 0;
        }
    }

    private static async Task<bool> TrySetAsync(IDatabase database, RedisKey key, byte[] expected, byte[] value) =>
        (int)await database.ScriptEvaluateAsync(Script, [key], [expected, value, 60_000]) == 1;

    private static byte[] Version(long version) => BitConverter.GetBytes(version);

    private static byte[] Value(long version)
    {
        var value = new byte[300];
        new Random((int)version).NextBytes(value);
        Version(version).CopyTo(value, 0);
        return value;
    }

    // Keys are binary and include line ends and zeros.
    private RedisKey Key(int number) =>
        ((RedisKey)(byte[])[0, (byte)'\r', (byte)'\n', 0xff, .. BitConverter.GetBytes(number)]).Prepend(backends.Prefix);
}
