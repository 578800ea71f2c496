using FraudScoring.Demo;
using Microsoft.Extensions.Configuration;

namespace FraudScoring.Tests.Demo;

internal sealed class DemoSettingsTests
{
    [Test]
    public void With_NoUserSettings_ListensOnFreeLoopbackPortsAndKeepsTopics()
    {
        var settings = Read();
        Assert.That(settings["Listen:Address"], Is.EqualTo("127.0.0.1"));
        Assert.That(settings["Listen:GrpcPort"], Is.EqualTo("0"));
        Assert.That(settings["Scoring:MaxEventAgeHours"], Is.EqualTo("1000"));
        Assert.That(settings["Kafka:TransactionsTopic"], Is.Null);
    }

    [Test]
    public void With_UserSetting_KeepsIt() => Assert.That(Read("--Listen:GrpcPort=50051")["Listen:GrpcPort"], Is.EqualTo("50051"));

    [Test]
    public void With_UsersKafka_AvoidsProductionTopics()
    {
        var settings = Read("--Kafka:BootstrapServers=broker:9092", "--Kafka:LabelsTopic=my.labels");
        Assert.That(settings["Kafka:TransactionsTopic"], Is.EqualTo("demo.payments.transactions"));
        Assert.That(settings["Kafka:DecisionsTopic"], Is.EqualTo("demo.fraud.decisions"));
        Assert.That(settings["Kafka:LabelsTopic"], Is.EqualTo("my.labels"));
        Assert.That(settings["Kafka:GroupId"], Is.EqualTo("fraud-scoring-demo"));
        Assert.That(settings["Redis:KeyPrefix"], Is.Null);
    }

    [Test]
    public void With_UsersRedis_AvoidsProductionProfiles() =>
        Assert.That(Read("--Redis:Configuration=redis:6379")["Redis:KeyPrefix"], Is.EqualTo("fraud-demo"));

    private static IConfigurationRoot Read(params string[] settings) =>
        new ConfigurationBuilder().AddCommandLine(DemoSettings.With(settings, 1000)).Build();
}
