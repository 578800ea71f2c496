using FraudScoring.Core.Features;
using FraudScoring.Core.Profiles;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using StackExchange.Redis;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// A failed consumer stops the service. Without it, the service would score with features that are never up to date again.
/// </summary>
public sealed class ConsumerFailureTests
{
    private const string Secret = "a secret of the tests";

    [Test]
    public async Task Run_MarkerThatIsNoNumber_EndsTheServiceWithOne_AndTheLogSaysWhy()
    {
        await using var redis = await RedisServer.StartNewAsync();
        var kafka = await Servers.KafkaAsync();
        var topic = $"failing-{Guid.NewGuid():N}";
        await kafka.CreateTopicAsync(topic, 1);
        await WriteMarkersAsync(redis.Configuration, "not an offset");
        using var service = ServerProcess.Start("dotnet", AppContext.BaseDirectory,
        [
            typeof(Wiring).Assembly.Location, $"--Redis:Configuration={redis.Configuration}", $"--Redis:EntityHashSecret={Secret}",
            $"--Kafka:BootstrapServers={kafka.BootstrapServers}", $"--Kafka:TransactionsTopic={topic}",
            $"--Kafka:LabelsTopic={topic}-labels",
            $"--Kafka:GroupId={topic}", "--Listen:Address=127.0.0.1", "--Listen:GrpcPort=0", "--Listen:HttpPort=0",
        ]);
        await Assert.ThatAsync(() => service.UntilEndedAsync(TimeSpan.FromSeconds(60)), Throws.InvalidOperationException
            .With.Message.Contains("ended with code 1").And.Message.Contains("InvalidCastException"));
    }

    private static async Task WriteMarkersAsync(string configuration, string value)
    {
        var catalogue = CatalogueReader.Parse(File.ReadAllBytes(RepositoryFiles.Path("models", "features.json")), new())!;
        var keys = new ProfileKeys(catalogue, new EntityHasher(System.Text.Encoding.UTF8.GetBytes(Secret)), "fraud", new Erasures());
        await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        for (var bucket = 0; bucket < EntityKey.Buckets; bucket++)
        {
            await connection.GetDatabase().HashSetAsync(keys.Marker(bucket), AppliedOffsets.SourceOf(0, 0), value);
        }
    }
}
