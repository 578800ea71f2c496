using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Features;

/// <summary>The log of an entity's score requests: what a request counts, and what is kept.</summary>
[TestFixtureSource(typeof(Backends), nameof(Backends.All))]
public sealed class AttemptLogTests(Backends backends)
{
    private const long NowMs = 1_700_000_000_000;

    private static readonly Currency Euro = Currency.TryGet("EUR", out var euro) ? euro : default;
    private static readonly FeatureCatalogue Catalogue =
        CatalogueReader.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "models", "features.json")), [])!;
    private static readonly EntityPlan Card = Catalogue.Entities.Single(entity => entity.Name == "card");

    private readonly WaitDeadlines _deadlines = new();
    private RedisConnections _redis = null!;
    private RedisBreakers _breakers = null!;
    private ProfileKeys _keys = null!;
    private RedisFeatureStore _store = null!;
    private int _payments;

    private IDatabase Database => _redis.Writing.GetDatabase();

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _redis = await backends.OpenRedisAsync();
        _breakers = new RedisBreakers(_redis, new RedisOptions(), TimeProvider.System, NullLogger<RedisBreakers>.Instance);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _deadlines.Dispose();
        _breakers?.Dispose();
        _redis?.Dispose();
    }

    [SetUp]
    public void NewKeys()
    {
        _keys = new ProfileKeys(
            Catalogue, new EntityHasher("a secret of the tests"u8), $"attempts-{Guid.NewGuid():N}"[..30], new Erasures());
        var secret = new SecretState(_redis, _keys, TimeProvider.System, NullLogger<SecretState>.Instance);
        _store = new RedisFeatureStore(_redis, _breakers, _deadlines, Catalogue, _keys, null, new CorruptProfiles(), secret, TimeProvider.System,
            NullLogger<RedisFeatureStore>.Instance);
        _payments = 0;
    }

    [Test]
    public async Task Read_ParallelRequests_EachCountsThoseThatCameBeforeIt()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, Card.AttemptCapacity).Select(_ => CountAsync(NewPayment())));
        Assert.That(counts, Is.EquivalentTo(Enumerable.Range(1, Card.AttemptCapacity)));
    }

    [Test]
    public async Task Read_MoreRequestsThanAreKept_CompactsTheLog_AndCountsTheNewest()
    {
        for (var i = 1; i <= 200; i++)
        {
            Assert.That(await CountAsync(NewPayment()), Is.EqualTo(Math.Min(i, Card.AttemptCapacity)));
        }
        await Eventually.IsTrueAsync(async () => await LengthAsync() < 2 * Card.AttemptCapacity);
        Assert.That(await CountAsync(NewPayment()), Is.EqualTo(Card.AttemptCapacity));
    }

    [Test]
    public async Task Read_ManyRetriesOfOnePayment_PushNoOtherRequestOut()
    {
        for (var i = 0; i < 5; i++)
        {
            await CountAsync(NewPayment());
        }
        var retried = NewPayment();
        for (var i = 0; i < 200; i++)
        {
            Assert.That(await CountAsync(retried), Is.EqualTo(6));
        }
        await Eventually.IsTrueAsync(async () => await LengthAsync() < 2 * Card.AttemptCapacity);
        Assert.That(await CountAsync(NewPayment()), Is.EqualTo(7));
    }

    [Test]
    public async Task Read_ListOfAnEarlierRelease_NewestFirst_CountsTheSame()
    {
        var requests = Enumerable.Range(0, Card.AttemptCapacity).Select(_ => NewPayment()).ToList();
        await Database.StringSetAsync(LogKey, Bytes(Enumerable.Reverse(requests)), TimeSpan.FromHours(1));
        for (var i = 0; i < 2 * Card.AttemptCapacity; i++)
        {
            var counts = await ReadAsync(NewPayment(), isCounted: true);
            // The newest entries are kept, so that a window of one second per request has no gap.
            Assert.That(counts!.Count(_payments * 1000 + NowMs, 20_000), Is.EqualTo(20));
        }
    }

    [Test]
    public async Task Read_OfAWarmUp_CountsNothing()
    {
        await CountAsync(NewPayment());
        Assert.That((await ReadAsync(NewPayment(), isCounted: false))!.Length, Is.EqualTo(1));
        Assert.That(await LengthAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Read_AnyRequest_KeepsTheLogForADay()
    {
        await CountAsync(NewPayment());
        await Database.KeyExpireAsync(LogKey, TimeSpan.FromMinutes(5));
        await CountAsync(NewPayment());
        await Eventually.IsTrueAsync(async () => await Database.KeyTimeToLiveAsync(LogKey) > TimeSpan.FromHours(24));
        for (var i = 0; i < 200; i++)
        {
            await CountAsync(NewPayment());
        }
        await Eventually.IsTrueAsync(async () => await LengthAsync() < 2 * Card.AttemptCapacity);
        Assert.That(await Database.KeyTimeToLiveAsync(LogKey), Is.GreaterThan(TimeSpan.FromHours(24)), "compacting keeps it");
    }

    [Test]
    public async Task Read_DamagedLog_IsMissing_AndIsRepaired()
    {
        await Database.StringSetAsync(LogKey, "damaged");
        Assert.That(await ReadAsync(NewPayment(), isCounted: true), Is.Null);
        await Eventually.IsTrueAsync(async () => await LengthAsync() == 1);
        Assert.That(await CountAsync(NewPayment()), Is.EqualTo(2));
    }

    [Test]
    public async Task Read_EntryRefused_IsMissing_AndIsReported()
    {
        var refused = ServerMetrics.FeatureReadFailures.WithLabels("not_counted");
        var before = refused.Value;
        await Database.ListLeftPushAsync(LogKey, "not a string");
        Assert.That(await ReadAsync(NewPayment(), isCounted: true), Is.Null);
        Assert.That(refused.Value, Is.EqualTo(before + 1));
    }

    private RedisKey LogKey => ProfileKeys.AttemptsOf(_keys.Name(Card.Index, _keys.HashEntity(Card.Index, PaymentOf(0))));

    private async Task<int> LengthAsync() =>
        (int)await Database.StringLengthAsync(LogKey) / AttemptHistory.EntryLength;

    private async Task<int> CountAsync(Payment payment) => (await ReadAsync(payment, isCounted: true))!.Length;

    /// <summary>The card's requests as a payment reads them; null if they are missing.</summary>
    private async Task<AttemptHistory?> ReadAsync(Payment payment, bool isCounted)
    {
        var reads = new ProfileReads(Catalogue);
        await _store.ReadAsync(reads, payment, isCounted, answer: null, TimeSpan.FromSeconds(10));
        return reads.AreMissing[Card.Index] ? null : reads.Profiles[Card.Index]!.Attempts;
    }

    private static byte[] Bytes(IEnumerable<Payment> requests) => [.. requests.SelectMany(request =>
    {
        var entry = new byte[AttemptHistory.EntryLength];
        AttemptHistory.WriteEntry(entry, request.EventTimeMs, ProfileEvent.IdOf(request.TransactionId));
        return entry;
    })];

    /// <summary>A payment of the card, a second after the one before it.</summary>
    private Payment NewPayment() => PaymentOf(++_payments);

    private static Payment PaymentOf(int number) => new()
    {
        TransactionId = $"attempt-{number}", EventTimeMs = NowMs + (1000 * number), AmountMinor = 100, Currency = Euro,
        Card = "card-attempts", Merchant = "merchant-attempts", Channel = Channel.Ecommerce,
    };
}
