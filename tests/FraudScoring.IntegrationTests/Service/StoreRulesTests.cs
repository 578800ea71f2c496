using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// Brokers that create no topics and know ACLs, and a Redis that evicts keys: the start names everything that is wrong, and a topic that is
/// lost later does not stop consumption.
/// </summary>
public sealed class StoreRulesTests
{
    private RedisServer _redis = null!;
    private KafkaBroker _kafka = null!;
    private IAdminClient _admin = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _kafka = await KafkaBroker.StartNewAsync(null, "auto.create.topics.enable=false",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "allow.everyone.if.no.acl.found=true");
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers })
            .SetLogHandler((_, _) => { }).Build();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _admin?.Dispose();
        await (_kafka?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task Start_EvictingRedisAndNoTopics_NamesAllFaultsWithTheirCommands()
    {
        await SetPolicyAsync("allkeys-lru");
        var message = await FaultsAsync("none");
        await SetPolicyAsync("noeviction");
        Assert.That(message, Does.Contain("6 faults").And.Contain("Redis:Configuration: 127.0.0.1:").And.Contain("maxmemory-policy is "
            + "allkeys-lru").And.Contain("CONFIG SET maxmemory-policy noeviction"));
        foreach (var (topic, option) in Topics("none").Zip(
            ["TransactionsTopic", "LabelsTopic", "DecisionsTopic", "DeadLetterSuffix", "DeadLetterSuffix"]))
        {
            Assert.That(message, Does.Contain($"Kafka:{option}: topic {topic} does not exist").And.Contain($"--create --topic {topic} "));
        }
    }

    [Test]
    public async Task Start_CompactedTopicAndNoRights_NamesTheTopicAndTheRight()
    {
        await CreateAsync("acl");
        await CompactAsync("acl.transactions");
        await _admin.CreateAclsAsync([DescribeOnly("acl.decisions"), DescribeOnly("acl.labels")]);
        await Eventually.IsTrueAsync(async () =>
            (await FaultsAsync("acl")).Contains("write topic acl.decisions", StringComparison.Ordinal));
        Assert.That(await FaultsAsync("acl"), Does.Contain("3 faults")
            .And.Contain("Kafka:TransactionsTopic: topic acl.transactions is compacted")
            .And.Contain("--add-config cleanup.policy=delete")
            .And.Contain("Kafka:LabelsTopic: this user may not read or write topic acl.labels: kafka-acls.sh ")
            .And.Contain("--operation Write --topic acl.decisions"));
    }

    [Test]
    public async Task Run_DeadLetterTopicLost_AppliesEveryGoodRecord_AndDeliversAgainWhenItIsBack()
    {
        await CreateAsync("lost");
        await using var service = await ServiceUnderTest.StartAsync(Settings("lost"));
        var topic = service.Kafka.Options.TransactionsTopic;
        var deadLetters = service.Kafka.Options.DeadLetterTopic(topic);
        await DeleteAsync(deadLetters);
        for (var i = 0; i < 600; i++)
        {
            if (i == 300)
            {
                await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.PublishAsync(topic, "bad", [255, 255, 255])));
            }
            _ = service.PublishAsync(ServiceUnderTest.NewPayment($"good-{i}", $"card-{i % 7}"));
        }
        var applied = $"fraud_events_applied_total{{topic=\"{topic}\"}}";
        var failed = $"fraud_dead_letters_failed_total{{topic=\"{topic}\"}}";
        await Eventually.IsTrueAsync(async () => await service.MetricAsync(applied) == 600);
        Assert.That(await service.MetricAsync(failed), Is.EqualTo(20));
        await _kafka.CreateTopicAsync(deadLetters, 1);
        await Eventually.IsTrueAsync(async () =>
        {
            await service.PublishAsync(topic, "bad", [255, 255, 255]);
            await Task.Delay(500);
            return await service.MetricAsync($"fraud_dead_letters_total{{topic=\"{topic}\",reason=\"invalid\"}}") > 0;
        });
        await Eventually.IsTrueAsync(() => Task.Run(() => IsCommitted(service)));
    }

    /// <summary>With a spool, letters wait on disk for their topic, also over a restart.</summary>
    [Test]
    public async Task Run_DeadLetterTopicLost_WithSpool_DeliversEveryLetterOnceItIsBack()
    {
        await CreateAsync("spooled");
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-spool-");
        var settings = new Dictionary<string, string?>(Settings("spooled"))
        {
            ["Spool:Folder"] = folder.FullName, ["Kafka:DeadLetterAttempts"] = "1",
        };
        const string topic = "spooled.transactions", deadLetters = topic + ".dead-letter";
        const string waiting = $"fraud_dead_letters_waiting{{topic=\"{topic}\"}}";
        const string failed = $"fraud_dead_letters_failed_total{{topic=\"{topic}\"}}";
        await using (var service = await ServiceUnderTest.StartAsync(settings))
        {
            await DeleteAsync(deadLetters);
            await PublishBadAsync(service, 250);
            await Eventually.IsTrueAsync(async () => await service.MetricAsync(waiting) == 250);
            await _kafka.CreateTopicAsync(deadLetters, 1);
            await Eventually.IsTrueAsync(async () => await service.MetricAsync(waiting) == 0);
            Assert.That(await TopicReader.ReadAsync(_kafka.BootstrapServers, deadLetters), Has.Count.EqualTo(250));

            await DeleteAsync(deadLetters);
            await PublishBadAsync(service, 3);
            await Eventually.IsTrueAsync(async () => await service.MetricAsync(waiting) == 3);
            Assert.That(await service.MetricAsync(failed), Is.Zero);
            await Eventually.IsTrueAsync(() => Task.Run(() => IsCommitted(service)));
        }
        await _kafka.CreateTopicAsync(deadLetters, 1);
        await using (var service = await ServiceUnderTest.StartAsync(settings))
        {
            await Eventually.IsTrueAsync(async () => await service.MetricAsync(waiting) == 0);
        }
        folder.Delete(recursive: true);

        var letters = await TopicReader.ReadAsync(_kafka.BootstrapServers, deadLetters);
        Assert.That(letters.Select(letter => Encoding.UTF8.GetString(letter.Message.Key)), Is.EquivalentTo(["bad-0", "bad-1", "bad-2"]));
        Assert.That(letters.Select(letter => letter.Message.Value), Is.All.EqualTo(new byte[] { 255, 255, 255 }));
        Assert.That(letters.Select(letter => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(DeadLetterProducer.TopicHeader))),
            Is.All.EqualTo(topic));

        static async Task PublishBadAsync(ServiceUnderTest service, int count)
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => service.PublishAsync(topic, $"bad-{i}", [255, 255, 255])));
        }
    }

    /// <summary>True once the committed offsets are the ends of all partitions.</summary>
    /// <summary>Deletes a topic, and waits until the broker takes no more records for it.</summary>
    private async Task DeleteAsync(string topic)
    {
        await _admin.DeleteTopicsAsync([topic]);
        // This broker creates no topics, so that asking for one does not bring it back.
        await Eventually.IsTrueAsync(() => Task.Run(() => _admin.GetMetadata(topic, TimeSpan.FromSeconds(5)).Topics
            .TrueForAll(known => known.Topic != topic || known.Error.IsError)));
        await Task.Delay(200);
    }

    private static bool IsCommitted(ServiceUnderTest service)
    {
        var topic = service.Kafka.Options.TransactionsTopic;
        using var consumer = service.Kafka.Consumer(service.Kafka.Options.Group(service.Catalogue.LayoutHash, topic));
        TopicPartition[] partitions = [new(topic, 0), new(topic, 1)];
        return consumer.Committed(partitions, TimeSpan.FromSeconds(10)).TrueForAll(committed => committed.Offset.Value
            == consumer.QueryWatermarkOffsets(committed.TopicPartition, TimeSpan.FromSeconds(10)).High.Value);
    }

    private async Task<string> FaultsAsync(string prefix)
    {
        try
        {
            await using var service = await ServiceUnderTest.StartAsync(Settings(prefix));
            return "";
        }
        catch (StartFaultsException e)
        {
            return e.Message;
        }
    }

    private Dictionary<string, string?> Settings(string prefix) => new()
    {
        ["Redis:Configuration"] = _redis.Configuration,
        ["Redis:EntityHashSecret"] = "a secret of the tests",
        ["Kafka:BootstrapServers"] = _kafka.BootstrapServers,
        ["Kafka:TransactionsTopic"] = $"{prefix}.transactions",
        ["Kafka:LabelsTopic"] = $"{prefix}.labels",
        ["Kafka:DecisionsTopic"] = $"{prefix}.decisions",
        ["Kafka:GroupId"] = prefix,
        ["Redis:KeyPrefix"] = prefix,
        ["Logging:LogLevel:Default"] = "Error",
    };

    private async Task SetPolicyAsync(string policy)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        await client.GetServer(_redis.Configuration).ExecuteAsync("CONFIG", "SET", "maxmemory-policy", policy);
    }

    private async Task CompactAsync(string topic) => await _admin.IncrementalAlterConfigsAsync(new()
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [new ConfigEntry { Name = "cleanup.policy", Value = "compact", IncrementalOperation = AlterConfigOpType.Set }],
    });

    private async Task CreateAsync(string prefix)
    {
        foreach (var topic in Topics(prefix))
        {
            await _kafka.CreateTopicAsync(topic, 2);
        }
    }

    private static string[] Topics(string prefix) => [$"{prefix}.transactions", $"{prefix}.labels", $"{prefix}.decisions",
        $"{prefix}.transactions.dead-letter", $"{prefix}.labels.dead-letter"];

    // A resource with a rule allows nothing else.
    private static AclBinding DescribeOnly(string name) => new()
    {
        Pattern = new ResourcePattern { Type = ResourceType.Topic, Name = name, ResourcePatternType = ResourcePatternType.Literal },
        Entry = new AccessControlEntry
        {
            Principal = "User:ANONYMOUS", Host = "*", Operation = AclOperation.Describe, PermissionType = AclPermissionType.Allow,
        },
    };
}
