using System.Buffers.Binary;
using System.Numerics;
using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Streams;
using FraudScoring.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Redis loses data while the service runs or is down. The log is read again, and the features are restored.</summary>
public sealed class DataLossTests
{
    private Backends _backends = null!;
    private RedisServer _redis = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _backends = Backends.Real();
        await _backends.StartKafkaAsync();
        _redis = await RedisServer.StartNewAsync(RedisPersistence.None);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _redis.DisposeAsync();

    [TestCase(true, TestName = "RedisFlushed_WhileTheServiceRuns_IsHealedFromTheLog")]
    [TestCase(false, TestName = "RedisFlushed_WhileTheServiceIsDown_IsHealedFromTheLog")]
    public async Task RedisFlushed(bool whileRunning)
    {
        var card = $"card-lost-{whileRunning}";
        var now = TimeProvider.System.GetUtcNow();
        var service = await StartServiceAsync();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-{i}", card, now.AddMinutes(-50 + i)));
            }
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 40);
            // Wait for a commit. Otherwise a new instance would read the records again anyway.
            await Task.Delay(2500);
            if (!whileRunning)
            {
                await service.DisposeAsync();
            }
            await _redis.FlushAllAsync();
            if (!whileRunning)
            {
                service = await StartServiceAsync();
            }
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 40);
            await service.PublishAsync(ServiceUnderTest.NewPayment($"{card}-after", card, now.AddMinutes(-1)));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, card, now) == 41);
            Assert.That(await service.MetricAsync("fraud_rewinds_total{topic=\"" + service.Kafka.Options.TransactionsTopic + "\"}"),
                Is.GreaterThan(0));
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>
    /// A label that found a place among the parked ones before the loss may find none after it. It must not be lost without a letter.
    /// </summary>
    [Test]
    public async Task RedisFlushed_LabelsThatFindNoRoomInTheRewind_GoToTheDeadLetterTopic()
    {
        const int count = 400;
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync(("Kafka:MaxParkedLabels", "256"));
        var refused = $"fraud_dead_letters_total{{topic=\"{service.Kafka.Options.LabelsTopic}\",reason=\"parking_full\"}}";
        var parkedBefore = await service.MetricAsync("fraud_labels_parked_total");
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => service.PublishAsync(new LabelEvent
        {
            TransactionId = $"roomless-{i}", Fraud = true,
            EventTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddMinutes(-30)),
            LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddMinutes(-1)),
        })));
        await Eventually.IsTrueAsync(async () =>
            await service.MetricAsync("fraud_labels_parked_total") - parkedBefore + await service.MetricAsync(refused) >= count);
        var letters = await service.MetricAsync(refused);
        Assert.That(letters, Is.Positive);
        await Task.Delay(2500);
        await _redis.FlushAllAsync();
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(refused) >= letters * 2);
    }

    /// <summary>The labels are read again long before the payments, which make room for them.</summary>
    [Test]
    public async Task RedisFlushed_LabelsThatFindNoRoom_WaitWhileTheirPaymentsAreReadAgain()
    {
        const int others = 8_000, labelled = 1_000;
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync(("Kafka:MaxParkedLabels", "256"));
        var applied = $"fraud_events_applied_total{{topic=\"{service.Kafka.Options.TransactionsTopic}\"}}";
        var payments = await service.MetricAsync(applied);
        await Task.WhenAll(Enumerable.Range(0, others).Select(i => service.PublishAsync(
            ServiceUnderTest.NewPayment($"other-{i}", $"card-other-{i}", now.AddHours(-1)))));
        var frauds = Enumerable.Range(0, labelled)
            .Select(i => ServiceUnderTest.NewPayment($"roomy-{i}", $"card-roomy-{i}", now.AddHours(-1))).ToList();
        frauds.ForEach(payment => payment.MerchantId = "merchant-roomy");
        await Task.WhenAll(frauds.Select(service.PublishAsync));
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(applied) >= payments + others + labelled);
        await Task.WhenAll(frauds.Select(payment => service.PublishAsync(new LabelEvent
        {
            TransactionId = payment.TransactionId, Fraud = true, EventTime = payment.EventTime,
            LabelTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now.AddMinutes(-1)),
        })));
        await Eventually.IsTrueAsync(async () => await FraudsAsync(service) == labelled);
        await Task.Delay(2500);
        await _redis.FlushAllAsync();
        await Eventually.IsTrueAsync(async () => await FraudsAsync(service) == 0);
        // A label that was refused would be missing.
        await Eventually.IsTrueAsync(async () => await FraudsAsync(service) == labelled);

        static async Task<double> FraudsAsync(ServiceUnderTest service) =>
            (await new FeatureService.FeatureServiceClient(service.GrpcChannel).ShowFeaturesAsync(
                new ShowFeaturesRequest { Entities = new V1.EntityTokens { MerchantId = "merchant-roomy" } }))
            .Features.Single(feature => feature.Name == "merchant_fraud_count_7d").Value;
    }

    [Test]
    public async Task ACorruptProfile_IsNeverServed_AndRebuiltFromTheLog()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync();
        for (var i = 0; i < 40; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"corrupt-{i}", "card-corrupt", now.AddMinutes(-50 + i)));
        }
        await Eventually.IsTrueAsync(async () => await CountAsync(service, "card-corrupt", now) == 40);
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var label = new Label { TransactionId = "-", LabelTimeMs = 0, EventTimeMs = 0, Fraud = false, Card = "card-corrupt" };
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        await client.GetDatabase().StringSetRangeAsync(keys.Name(0, keys.HashEntity(0, label)), 20, "garbage");

        var response = await service.Scoring.ScoreAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment("corrupt-probe", "card-corrupt", now) });
        Assert.That(response.Assessment.Degradation, Is.EqualTo(Degradation.MissingFeatures));
        await service.PublishAsync(ServiceUnderTest.NewPayment("corrupt-after", "card-corrupt", now.AddMinutes(-1)));
        await Eventually.IsTrueAsync(async () => await CountAsync(service, "card-corrupt", now) == 41);
        Assert.That(await service.MetricAsync("fraud_profiles_repaired_total"), Is.GreaterThan(0));
    }

    /// <summary>A topic that was recreated never reaches the marker of its predecessor. The repair ends, and names what is missing.</summary>
    [Test]
    public async Task ACorruptProfile_WhosePartitionNoLongerExists_IsNotWaitedForForEver()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync();
        for (var i = 0; i < 5; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"vanished-{i}", "card-vanished", now.AddMinutes(-50 + i)));
        }
        await Eventually.IsTrueAsync(async () => await CountAsync(service, "card-vanished", now) == 5);
        var (services, keys) = (service.Services, service.Services.GetRequiredService<DeploymentHost>().Current.Keys);
        var found = new CorruptProfile(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = "card-vanished" }));
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var marker = keys.Marker(found.Key.Bucket);
        await client.GetDatabase().StringSetRangeAsync(keys.Name(0, found.Key), 20, "garbage");
        await client.GetDatabase().HashSetAsync(marker, AppliedOffsets.SourceOf(0, 99), 50);

        var (retry, repaired, late) = (
            services.GetRequiredService<RedisRetry>(), new List<CorruptProfile>(), new List<TopicPartitionOffset?>());
        async Task<IReadOnlyDictionary<CorruptProfile, MissingRecords>> RepairAsync()
        {
            var writer = new RedisProfileWriter(services.GetRequiredService<RedisConnections>(), retry, keys, null, new CorruptProfiles(),
                services.GetRequiredService<DeploymentHost>().Current.Secret, services.GetRequiredService<RedisOptions>(), TimeProvider.System, NullLogger<RedisProfileWriter>.Instance);
            var generations = new TopicGenerations(services.GetRequiredService<RedisConnections>(), keys);
            var pass = new RepairPass(
                service.Kafka, keys, service.Rates, writer, generations, retry, RecordLimits.Since(DateTimeOffset.UnixEpoch),
                new LabelsOptions(), TimeSpan.FromSeconds(1), TimeProvider.System);
            return await pass.RunAsync([found], Repaired, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        }
        void Repaired(CorruptProfile profile, TopicPartitionOffset? start)
        {
            repaired.Add(profile);
            late.Add(start);
        }
        var stalled = await RepairAsync();
        Assert.That(stalled[found], Is.EqualTo(new MissingRecords(service.Kafka.Options.TransactionsTopic, 99, 0, 50)));
        Assert.That(repaired, Is.Empty);
        await client.GetDatabase().HashDeleteAsync(marker, AppliedOffsets.SourceOf(0, 99));
        Assert.That(await RepairAsync(), Is.Empty);
        Assert.That(repaired, Is.EqualTo([found]));
        Assert.That(await CountAsync(service, "card-vanished", now), Is.EqualTo(5));

        // Kafka has deleted the payments since: the profile lacks them, which is said.
        var ends = await DeleteAllAsync(service.Kafka.Options.TransactionsTopic);
        await client.GetDatabase().StringSetRangeAsync(keys.Name(0, found.Key), 20, "garbage");
        Assert.That(await RepairAsync(), Is.Empty);
        Assert.That(repaired, Is.EqualTo([found, found]));
        Assert.That(late[0], Is.Null);
        Assert.That(ends, Has.Member(late[1]));
    }

    /// <summary>Deletes the records of a topic, and returns where its partitions begin now.</summary>
    private async Task<List<TopicPartitionOffset>> DeleteAllAsync(string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        var deleted = await admin.DeleteRecordsAsync(Enumerable.Range(0, 4).Select(partition => new TopicPartitionOffset(topic, partition, Offset.End)));
        return deleted.ConvertAll(partition => new TopicPartitionOffset(topic, partition.Partition, partition.Offset));
    }

    /// <summary>Two writers that began with the same older state, after a failover, must not come to the same revision.</summary>
    [Test]
    public async Task ARevision_IsNotACounter()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync();
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var name = keys.Name(0, keys.HashEntity(0, new Core.Payments.EntityTokens { Card = "card-revision" }));
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var revisions = new List<ulong>();
        for (var i = 1; i <= 3; i++)
        {
            await service.PublishAsync(ServiceUnderTest.NewPayment($"revision-{i}", "card-revision", now.AddMinutes(-i)));
            await Eventually.IsTrueAsync(async () => await CountAsync(service, "card-revision", now) == i);
            revisions.Add(BitConverter.ToUInt64((byte[])(await client.GetDatabase().StringGetAsync(name))!));
        }
        Assert.That(revisions, Is.Unique);
        Assert.That(revisions[1] - revisions[0], Is.Not.EqualTo(revisions[2] - revisions[1]));
    }

    [Test]
    public async Task AProfileOfANewerRelease_IsLeftAsItIs_AndPaymentsAreAnswered()
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var service = await StartServiceAsync();
        await service.PublishAsync(ServiceUnderTest.NewPayment("newer-1", "card-newer", now.AddMinutes(-5)));
        await Eventually.IsTrueAsync(async () => await CountAsync(service, "card-newer", now) == 1);
        var keys = service.Services.GetRequiredService<DeploymentHost>().Current.Keys;
        var name = keys.Name(
            0, keys.HashEntity(0, new Label { TransactionId = "-", LabelTimeMs = 0, EventTimeMs = 0, Fraud = false, Card = "card-newer" }));
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var newer = OfVersion(200, (byte[])(await client.GetDatabase().StringGetAsync(name))!);
        await client.GetDatabase().StringSetAsync(name, newer);

        await service.PublishAsync(ServiceUnderTest.NewPayment("newer-2", "card-newer", now.AddMinutes(-4)));
        await Task.Delay(TimeSpan.FromSeconds(1));
        var response = await service.Scoring.ScoreAsync(
            new ScoreRequest { Payment = ServiceUnderTest.NewPayment("newer-probe", "card-newer", now) });
        Assert.That(response.Assessment.Degradation, Is.EqualTo(Degradation.MissingFeatures));
        Assert.That((byte[]?)await client.GetDatabase().StringGetAsync(name), Is.EqualTo(newer));
        await client.GetDatabase().KeyDeleteAsync(name);
    }

    /// <summary>A profile as a later release would write it: another version in the ninth byte, and a valid checksum (CRC-32C).</summary>
    private static byte[] OfVersion(byte version, byte[] profile)
    {
        profile[8] = version;
        var crc = uint.MaxValue;
        foreach (var b in profile.AsSpan(0, profile.Length - 4))
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(profile.AsSpan(profile.Length - 4), ~crc);
        return profile;
    }

    private Task<ServiceUnderTest> StartServiceAsync(params (string, string)[] settings) =>
        ServiceUnderTest.StartAsync(_backends, [("Redis:Configuration", _redis.Configuration), .. settings]);

    private static async Task<float> CountAsync(ServiceUnderTest service, string card, DateTimeOffset now) =>
        await service.FeatureAsync(ServiceUnderTest.NewPayment($"probe-{Guid.NewGuid():N}", card, now), "card_count_24h");
}
