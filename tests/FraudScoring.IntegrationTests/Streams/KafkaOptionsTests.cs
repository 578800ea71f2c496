using System.ComponentModel.DataAnnotations;
using Confluent.Kafka;
using FraudScoring.Server.Kafka;

namespace FraudScoring.IntegrationTests.Streams;

public sealed class KafkaOptionsTests
{
    [Test]
    public void Validate_Defaults_HaveNoFault() => Assert.That(Faults(new KafkaOptions()), Is.Empty);

    [Test]
    public void Validate_SeveralFaults_NamesThemAll()
    {
        var options = new KafkaOptions
        {
            BootstrapServers = "broker",
            ClientId = "",
            DecisionsTopic = "fraud decisions",
            DecisionQueueCapacity = 0,
            LingerMs = -1,
            Compression = (CompressionType)99,
            SecurityProtocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.Gssapi,
        };
        Assert.That(Faults(options), Is.EquivalentTo(
        [
            "BootstrapServers", "ClientId", "DecisionsTopic", "DecisionQueueCapacity", "LingerMs", "Compression", "SaslMechanism",
            "SaslUsername", "SaslPassword",
        ]));
    }

    [TestCase("one:9092")]
    [TestCase("one:9092,two.example.com:9093, 10.0.0.1:9092")]
    [TestCase("[::1]:9092")]
    [TestCase("")]
    public void Validate_Addresses_HaveNoFault(string addresses) =>
        Assert.That(Faults(new KafkaOptions { BootstrapServers = addresses }), Is.Empty);

    [Test]
    public void ToString_WithPassword_DoesNotShowIt() =>
        Assert.That(new KafkaOptions { SaslPassword = "secret" }.ToString(), Does.Not.Contain("secret"));

    private static IEnumerable<string> Faults(KafkaOptions options)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        return faults.SelectMany(fault => fault.MemberNames);
    }
}
