using Confluent.Kafka;
using CsCheck;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Kafka;

/// <summary>Conflicting Kafka options, and how options are displayed.</summary>
public sealed class KafkaOptionsTests
{
    private static readonly KafkaOptions Remote = new() { BootstrapServers = "broker:9092" };

    /// <summary>Five topics are in use: three configured ones, and the dead-letter topics of the two that are consumed.</summary>
    [Test]
    public void Check_AnyTopics_AreAFaultExactlyWhenTwoAreTheSame() =>
        Gen.OneOf("a", "b", "c", "a.dead-letter", "b.dead-letter").Array[3].Sample(names =>
        {
            var options = Remote with { TransactionsTopic = names[0], LabelsTopic = names[1], DecisionsTopic = names[2] };
            string[] used = [.. names, options.DeadLetterTopic(names[0]), options.DeadLetterTopic(names[1])];
            var faults = Check(options);
            return faults.Count == used.GroupBy(name => name).Count(group => group.Count() > 1)
                && faults.All(fault => fault.Field == "Kafka"
                    && used.Any(name => fault.ToString().Contains(name, StringComparison.Ordinal)));
        }, iter: 500);

    [TestCase("a:1", 0)]
    [TestCase("a:65535, b:9092", 0)]
    [TestCase("[::1]:9092", 0)]
    [TestCase("a:0", 1)]
    [TestCase("a:9092,b:65536", 1)]
    [TestCase("a:99999,b:0", 1)]
    public void Check_PortsNoBrokerCanHave_AreOneFault(string servers, int faults) =>
        Assert.That(Check(Remote with { BootstrapServers = servers }), Has.Count.EqualTo(faults));

    [Test]
    public void Check_SecurityWithTheEmbeddedBroker_IsAFault([Values] SecurityProtocol protocol)
    {
        Assert.That(Check(new KafkaOptions { SecurityProtocol = protocol }),
            Has.Count.EqualTo(protocol == SecurityProtocol.Plaintext ? 0 : 1));
        Assert.That(Check(Remote with { SecurityProtocol = protocol }), Is.Empty);
        Assert.That(new KafkaOptions { SecurityProtocol = protocol }.UsesSasl,
            Is.EqualTo(protocol.ToString().StartsWith("Sasl", StringComparison.Ordinal)));
    }

    [TestCase(SecurityProtocol.Ssl, 3)]
    [TestCase(SecurityProtocol.SaslSsl, 3)]
    [TestCase(SecurityProtocol.SaslPlaintext, 0)]
    public void CheckFiles_FilesThatAreMissing_AreFaultsWhereTheyAreUsed(SecurityProtocol protocol, int count)
    {
        var faults = new Faults();
        var options = Remote with { SecurityProtocol = protocol };
        (options with { SslCaLocation = "/no/ca", SslCertificateLocation = "/no/cert", SslKeyLocation = "/no/key" }).CheckFiles(faults);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(
            new[] { "Kafka:SslCaLocation", "Kafka:SslCertificateLocation", "Kafka:SslKeyLocation" }.Take(count)));
        faults.Clear();
        options = options with { SslCaLocation = "probe", SslCertificateLocation = "", SslKeyLocation = AppContext.BaseDirectory };
        options.CheckFiles(faults);
        Assert.That(faults, Is.Empty);
    }

    [Test]
    public void NameFiles_MessageOfTheClient_SaysTheOptionAndThePath() => Assert.That(
        (Remote with { SslCaLocation = "ca.pem", SslKeyLocation = "key.pem" }).NameFiles("ssl.ca.location failed, ssl.key.location too"),
        Is.EqualTo("Kafka:SslCaLocation (ca.pem) failed, Kafka:SslKeyLocation (key.pem) too"));

    [Test]
    public void ToString_Options_HidesSecrets() => Assert.That(
        (Remote with { SaslPassword = "hush", SslKeyPassword = "hush", SaslUsername = "hush" }).ToString(),
        Does.Contain("broker:9092").And.Not.Contain("hush"));

    [Test]
    public void Clients_BeforeOpen_HaveNoAddress_AndAfterwardsTheConfiguredOne()
    {
        using var clients = new KafkaClients(Remote, NullLoggerFactory.Instance);
        Assert.That(() => clients.BootstrapServers, Throws.InvalidOperationException);
        Assert.That(() => clients.Producer(_ => { }), Throws.InvalidOperationException);
        clients.Open();
        Assert.That(clients.BootstrapServers, Is.EqualTo("broker:9092"));
    }

    [Test]
    public void Open_SettingThatTheClientRefuses_IsThrown()
    {
        using var clients = new KafkaClients(
            Remote with { SecurityProtocol = SecurityProtocol.Ssl, SslCaLocation = typeof(KafkaOptionsTests).Assembly.Location },
            NullLoggerFactory.Instance);
        Assert.That(clients.Open, Throws.InvalidOperationException);
    }

    private static Faults Check(KafkaOptions options)
    {
        var faults = new Faults();
        options.Check(faults);
        return faults;
    }
}
