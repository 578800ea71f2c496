using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Label = FraudScoring.Core.Payments.Label;

namespace FraudScoring.IntegrationTests.Features;

/// <summary>Where a gap in the history begins and ends.</summary>
public sealed class HistoryGapsTests
{
    private const int Partition = 3;
    private static readonly int Source = AppliedOffsets.SourceOf(LabelRecord.TopicNumber, Partition);
    private static readonly int Recreated = AppliedOffsets.SourceOf(LabelRecord.TopicNumber, 0, generation: 1);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow().AddHours(1));
    private RedisConnections _redis = null!;
    private ProfileKeys _keys = null!;
    private MissingHistory _missing = null!;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [OneTimeSetUp]
    public async Task StartAsync() => _redis = await Backends.Real().OpenRedisAsync();

    [OneTimeTearDown]
    public void Stop() => _redis?.Dispose();

    [SetUp]
    public void NewKeys()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "features.json");
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(path), [])!;
        _keys = new ProfileKeys(
            catalogue, new EntityHasher(Encoding.UTF8.GetBytes("a secret of the tests")), $"gaps-{Guid.NewGuid():N}"[..30], new Erasures());
        _missing = new MissingHistory(
            new HistoryGaps(_redis, _keys), new RedisRetry(_time, NullLogger<RedisRetry>.Instance), _time);
    }

    [Test]
    public async Task APartitionWithoutRecords_EndsItsGap_WhenItIsReadToItsEnd()
    {
        await LoseAsync(Source);
        Assert.That(await GapAsync(Source), Is.EqualTo(new HistoryGap(0, null)));
        await _missing.CloseAtEndAsync(Source, CancellationToken.None);
        var endMs = NowMs;
        _time.Advance(TimeSpan.FromHours(1));
        await _missing.CloseAtEndAsync(Source, CancellationToken.None);
        Assert.That(await GapAsync(Source), Is.EqualTo(new HistoryGap(0, endMs)));
    }

    [Test]
    public async Task ARecreatedTopic_EndsTheGapsOfTheOneBefore()
    {
        await LoseAsync(Source);
        await _missing.FindAsync(Recreated, marker: 0, low: 0, before: 0, CancellationToken.None);
        Assert.That(await GapAsync(Source), Is.EqualTo(new HistoryGap(0, NowMs)));
    }

    /// <summary>Records of before the loss tell nothing about its end.</summary>
    [Test]
    public async Task LateRecords_DoNotEndTheGap_AndOfOthersTheNewestDoes()
    {
        await ReportAsync(marker: 10, leastMarker: 10);
        await LoseAsync(Source);
        var startMs = (await GapAsync(Source))!.Value.StartMs;
        await CloseAsync(startMs - 5_000);
        Assert.That(await GapAsync(Source), Is.EqualTo(new HistoryGap(startMs, null)));
        await CloseAsync(startMs - 9_000, startMs + 8_000, startMs + 4_000);
        await CloseAsync(startMs + 60_000);
        Assert.That(await GapAsync(Source), Is.EqualTo(new HistoryGap(startMs, startMs + 8_000)));
    }

    [Test]
    public async Task ALateLog_BeginsWithItsFirstRecord()
    {
        await _missing.FindAsync(Source, marker: 0, low: 20, before: 0, CancellationToken.None);
        await _missing.CloseAtEndAsync(Source, CancellationToken.None);
        await CloseAsync(7_000, 5_000, 9_000);
        var reading = await new StreamFreshness(_redis, _keys).ReadAsync();
        Assert.That(reading.SinceMs, Is.EqualTo(new Dictionary<int, long> { [Source] = 7_000 }));
        Assert.That(reading.Gaps, Is.Empty);
    }

    [TestCase(10, true, TestName = "AStateFromAfterACheckpoint_LacksRecordsSinceItWasFresh")]
    [TestCase(9, false, TestName = "AStateFromBeforeTheFreshness_AsOfAnotherNode_LacksNobodyKnowsWhat")]
    public async Task TheFreshness_HoldsForTheMarkersItWasStoredWith(long marker, bool isKnown)
    {
        // The bucket of the freshness has had records since the checkpoint, and others have not.
        await ReportAsync(marker: 12, leastMarker: 10);
        await _missing.FindAsync(Source, marker, low: 20, before: 12, CancellationToken.None);
        Assert.That((await GapAsync(Source))!.Value.StartMs, isKnown ? Is.GreaterThan(0) : Is.Zero);
    }

    [TestCase(400, false, TestName = "AGapThatNoWindowReaches_IsNotPartOfTheNext")]
    [TestCase(1, true, TestName = "AGapThatAWindowReaches_IsPartOfTheNext")]
    public async Task AnEarlierGap_IsPartOfTheNext_WhileAWindowReachesIt(int daysAgo, bool isPart)
    {
        var earlier = new HistoryGap(1_000, NowMs - (daysAgo * MillisecondsPer.Day));
        await _redis.Writing.GetDatabase().HashSetAsync(_keys.History, HistoryGaps.GapField + Source, earlier.ToValue());
        await ReportAsync(marker: 12, leastMarker: 10);
        await LoseAsync(Source);
        Assert.That((await GapAsync(Source))!.Value.StartMs, isPart ? Is.EqualTo(1_000) : Is.GreaterThan(1_000));
    }

    private Task<bool> LoseAsync(int source) => _missing.FindAsync(source, marker: 10, low: 20, before: 12, CancellationToken.None);

    private async Task ReportAsync(long marker, long leastMarker)
    {
        await _redis.Writing.GetDatabase().HashSetAsync(_keys.Marker(ProfileKeys.FreshnessBucket), Source, marker);
        var report = new PartitionFreshness(Source, marker, TimeSpan.FromMinutes(1), FreshnessStoring.Advance, leastMarker);
        Assert.That(await new StreamFreshness(_redis, _keys).ReportAsync([report]), Is.True);
    }

    /// <summary>Applies a batch of records with these times.</summary>
    private async Task CloseAsync(params long[] timesMs)
    {
        var batch = new IngestBatch(_keys, new StateMarkers(), "labels");
        for (var i = 0; i < timesMs.Length; i++)
        {
            var label = new Label { TransactionId = $"{i}", EventTimeMs = 1, LabelTimeMs = timesMs[i], Fraud = true };
            batch.Accept(
                new LabelRecord(new RecordPosition(Source, 20 + i), [], label, EntityKey.None, []), new ConsumeResult<byte[], byte[]>());
        }
        await _missing.CloseAsync(batch, CancellationToken.None);
    }

    private async Task<HistoryGap?> GapAsync(int source) =>
        (await new StreamFreshness(_redis, _keys).ReadAsync()).Gaps.TryGetValue(source, out var gap) ? gap : null;
}
