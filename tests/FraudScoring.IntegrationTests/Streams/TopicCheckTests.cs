using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class TopicCheckTests
{
    [Test]
    public async Task RunAsync_NoBrokerAnswers_SaysSo_AndFindsNoFaults()
    {
        var options = new KafkaOptions { BootstrapServers = $"127.0.0.1:{Ports.Free()}" };
        using var clients = new KafkaClients(options, NullLoggerFactory.Instance);
        clients.Open();
        using var erasures = new ErasureTopic(clients);
        var (faults, check) = (new Faults(), new TopicCheck(clients, erasures, NullLogger<TopicCheck>.Instance));
        Assert.That(await check.RunAsync(new TopicNeeds(["group"], TimeSpan.FromDays(1), TimeSpan.FromDays(1), MayErase: false), faults), Is.False);
        Assert.That(faults, Is.Empty);
    }
}
