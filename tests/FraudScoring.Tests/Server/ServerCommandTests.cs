using FraudScoring.Server;
using Spectre.Console;

namespace FraudScoring.Tests.Server;

internal sealed class ServerCommandTests
{
    [TestCase("")]
    [TestCase("--Listen:GrpcPort=50052")]
    [TestCase("--Redis:Configuration=redis:6379,password=a=b --Kafka:BootstrapServers=broker:9092")]
    [TestCase("--Logging:LogLevel:Default=Warning demo --duration 60s --rate 100")]
    [TestCase("demo --duration 2m --Listen:HttpPort=0 --customers 1000 --seed 1")]
    public void Parse_CommandsAndSettings_AreAccepted(string line) => Assert.That(Errors(line), Is.Empty);

    [TestCase("dmo", "'dmo' is neither a command nor an option")]
    [TestCase("--GrpcPort=50052", "'--GrpcPort=50052' is neither")]
    [TestCase("--Listen:GrpcPort", "'--Listen:GrpcPort' is neither")]
    [TestCase("demo --ratee 5", "'--ratee' is neither")]
    [TestCase("demo --rate 0", "--rate cannot be '0'; give a whole number from 1 to 20000.")]
    [TestCase("demo --rate 1e3", "--rate cannot be '1e3'")]
    [TestCase("demo --customers 49", "--customers cannot be '49'")]
    [TestCase("demo --seed -1", "--seed cannot be '-1'")]
    [TestCase("demo --duration soon", "--duration cannot be 'soon'; give one of at most a day, such as 90s, 2m or 1h.")]
    public void Parse_AnythingElse_IsRefusedByName(string line, string message) => Assert.That(Errors(line), Has.Some.Contains(message));

    [Test]
    public void Parse_SeveralFaults_NamesThemAll() => Assert.That(Errors("demo --rate 0 --customers 0 --duration 0"), Has.Count.EqualTo(3));

    private static List<string> Errors(string line) =>
        [.. ServerCommand.Create(AnsiConsole.Console, TimeProvider.System).Parse(line).Errors.Select(error => error.Message)];
}
