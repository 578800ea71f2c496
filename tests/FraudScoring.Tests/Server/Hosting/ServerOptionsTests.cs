using FraudScoring.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace FraudScoring.Tests.Server.Hosting;

public sealed class ServerOptionsTests
{
    [Test]
    public void Bind_Nothing_GivesTheDefaults() => Assert.That(Bind().Scoring.ModelsFolder, Is.Empty);

    [Test]
    public void Bind_FaultsOfSeveralSections_AreNamedTogether()
    {
        var error = Assert.Throws<StartFaultsException>(() => Bind(
            ("Listen:GrpcPort", "70000"), ("Models:RequireSignature", "true"), ("Models:TrustedKeys", ""), ("Redis:Configuration", "redis:6379,nonsense=1"),
            ("Redis:EntityHashSecret", "a secret of the tests")));
        Assert.That(error!.Message, Does.Contain("3 fault(s)").And.Contain("Listen:GrpcPort: ").And.Contain("Models:TrustedKeys: ")
            .And.Contain("Redis:Configuration: is not a configuration string of StackExchange.Redis"));
        Assert.That(error.ToString(), Is.EqualTo(error.Message), "a stack trace would hide the faults in the log");
    }

    [Test]
    public void Bind_FoldersAndKeysThatDoNotExist_AreNoFaultsYet() => Assert.That(
        () => Bind(("Scoring:ModelsFolder", "/no/such"), ("Models:TrustedKeys", "/no/such.pem"), ("Models:UserModelsFolder", "/nor/this"), ("Inference:Device", "Cuda")),
        Throws.Nothing);

    private static ServerOptions Bind(params (string Key, string Value)[] settings) => ServerOptions.Bind(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build());
}
