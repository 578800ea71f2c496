using System.Text;
using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Features;

/// <summary>A bucket changes between a read and the write that is based on it.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.Both))]
public sealed class BucketWriteTests(Backends backends)
{
    private static readonly RedisValue[] LifetimesMs = [60_000L, 600_000L];
    private static readonly SortedList<int, long> Next = new() { [0] = 5 };
    private ProfileKeys _keys = null!;
    private ConnectionMultiplexer _client = null!;
    private IDatabase _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        await backends.StartRedisAsync();
        _client = await ConnectionMultiplexer.ConnectAsync(backends.RedisConfiguration);
        _database = _client.GetDatabase();
    }

    [SetUp]
    public void NewKeys()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "features.json");
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(path), new())!;
        _keys = new ProfileKeys(catalogue, new EntityHasher(Encoding.UTF8.GetBytes("a secret of the tests")), $"race-{Guid.NewGuid():N}", new Erasures());
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
    }

    [Test]
    public async Task Send_ProfileExpiredSinceItWasRead_GetsATimeToLiveAgain()
    {
        var name = _keys.Name(0, new EntityKey(3, 1));
        await _database.StringSetAsync(_keys.Version(3), "version 1");
        Assert.That(await SendAsync(write => write.AddProfile(name, "revision"u8, "revision 2", 1, keepsLifetime: true)),
            Is.EqualTo(BucketAnswer.Written));
        Assert.That((string?)await _database.StringGetAsync(name), Is.EqualTo("revision 2"));
        Assert.That((await _database.KeyTimeToLiveAsync(name))?.TotalMilliseconds, Is.InRange(500_000, 600_000));
    }

    [Test]
    public async Task Send_ProfileStillThere_KeepsItsTimeToLive()
    {
        var name = _keys.Name(0, new EntityKey(3, 1));
        await _database.StringSetAsync(name, "revision 1", TimeSpan.FromSeconds(30));
        await _database.StringSetAsync(_keys.Version(3), "version 1");
        Assert.That(await SendAsync(write => write.AddProfile(name, "revision"u8, "revision 2", 1, keepsLifetime: true)),
            Is.EqualTo(BucketAnswer.Written));
        Assert.That((await _database.KeyTimeToLiveAsync(name))?.TotalMilliseconds, Is.InRange(1, 30_000));
    }

    [Test]
    public async Task Send_CorruptProfileLeftAloneWasRepairedSinceItWasRead_WritesNothing()
    {
        var other = _keys.Name(0, new EntityKey(3, 2));
        // The repair of the corrupt profile incremented the bucket's version after this writer had read version 1.
        await _database.StringSetAsync(_keys.Version(3), "version 2");
        var answer = await SendAsync(write =>
        {
            write.RequireNoChange();
            write.AddProfile(other, [], "revision 1", 0, keepsLifetime: false);
        });
        Assert.That(answer, Is.EqualTo(BucketAnswer.Changed));
        Assert.That((await _database.StringGetAsync(other)).IsNull);
        Assert.That((await _database.HashGetAsync(_keys.Marker(3), 0)).IsNull,
            "the record of the profile that was left alone is not in the bucket yet");
    }

    [Test]
    public async Task Send_CorruptProfileLeftAlone_WritesTheOthers()
    {
        var other = _keys.Name(0, new EntityKey(3, 2));
        await _database.StringSetAsync(_keys.Version(3), "version 1");
        var answer = await SendAsync(write =>
        {
            write.RequireNoChange();
            write.AddProfile(other, [], "revision 1", 0, keepsLifetime: false);
        });
        Assert.That(answer, Is.EqualTo(BucketAnswer.Written));
        Assert.That((string?)await _database.StringGetAsync(other), Is.EqualTo("revision 1"));
        Assert.That((long)await _database.HashGetAsync(_keys.Marker(3), 0), Is.EqualTo(5));
    }

    /// <summary>The first write decides which secret the bucket's keys are hashed with.</summary>
    [Test]
    public async Task Send_AnotherSecretThanTheFirst_WritesNothing()
    {
        var profile = _keys.Name(0, new EntityKey(3, 1));
        Assert.That(await SendAsync(write => write.AddProfile(profile, [], "revision 1", 0, keepsLifetime: false)),
            Is.EqualTo(BucketAnswer.Written));
        var prefix = ((string)profile!).Split(':')[0];
        var others = new ProfileKeys(_keys.Catalogue, new EntityHasher("a secret of another replica"u8), prefix, new Erasures());
        Assert.That(others.Marker(3), Is.EqualTo(_keys.Marker(3)));
        var other = _keys.Name(0, new EntityKey(3, 2));
        Assert.That(await SendAsync(write => write.AddProfile(other, [], "revision 1", 0, keepsLifetime: false), others),
            Is.EqualTo(BucketAnswer.OtherSecret));
        Assert.That((await _database.StringGetAsync(other)).IsNull);
        Assert.That((string?)await _database.HashGetAsync(_keys.Marker(3), "secret"), Is.EqualTo(_keys.Fingerprint));
        Assert.That(await SendAsync(_ => { }), Is.EqualTo(BucketAnswer.Written));
    }

    private async Task<BucketAnswer> SendAsync(Action<BucketWrite> add, ProfileKeys? keys = null)
    {
        var write = new BucketWrite(keys ?? _keys, new StateMarkers(), Next, LifetimesMs);
        write.Begin(3, "version 1", 2);
        add(write);
        write.End();
        return (await write.SendAsync(_database)).Single().Answer;
    }
}
