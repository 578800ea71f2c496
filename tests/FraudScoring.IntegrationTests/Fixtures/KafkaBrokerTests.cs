using Confluent.Kafka;

namespace FraudScoring.IntegrationTests.Fixtures;

public sealed class KafkaBrokerTests
{
    [Test]
    public async Task StartNewAsync_PlainDistribution_KeepsRecordsOverRestart()
    {
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        using var plain = new PlainDistribution(home);
        await using var broker = await KafkaBroker.StartNewAsync(plain.Home);
        await broker.CreateTopicAsync("kept", 2);
        var config = new ProducerConfig { BootstrapServers = broker.BootstrapServers };
        using (var producer = new ProducerBuilder<byte[], byte[]>(config).Build())
        {
            await producer.ProduceAsync("kept", new Message<byte[], byte[]> { Value = [1] });
        }
        await broker.RestartAsync();
        Assert.That(await TopicReader.ReadAsync(broker.BootstrapServers, "kept"), Has.Count.EqualTo(1));
        await broker.StopAsync();
        Assert.That(broker.IsRunning, Is.False);
    }

    /// <summary>Copies a distribution's programs without the start script that only some distributions have.</summary>
    private sealed class PlainDistribution : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fraud-scoring-test-home-");

        public PlainDistribution(string? home)
        {
            if (string.IsNullOrEmpty(home) || !Directory.Exists(home))
            {
                return;
            }
            foreach (var name in new[] { "libs", "config" })
            {
                Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, name), Path.Combine(home, name));
            }
            var programs = _folder.CreateSubdirectory("bin");
            foreach (var program in Directory.GetFiles(Path.Combine(home, "bin"), "kafka-*.sh"))
            {
                File.CreateSymbolicLink(Path.Combine(programs.FullName, Path.GetFileName(program)), program);
            }
        }

        public string Home => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
