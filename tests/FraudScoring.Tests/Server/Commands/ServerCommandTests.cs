using FraudScoring.Server.Commands;

namespace FraudScoring.Tests.Server.Commands;

internal sealed class ServerCommandTests
{
    [TestCase("")]
    [TestCase("--Listen:GrpcPort=50052")]
    [TestCase("--listen:grpcport=50052 --Logging:LogLevel:Default=Warning")]
    [TestCase("--Redis:Configuration=redis:6379,password=a=b --Kafka:BootstrapServers=broker:9092")]
    public void Parse_CommandsAndSettings_AreAccepted(string line) => Assert.That(Errors(line), Is.Empty);

    [TestCase("dmo", "'dmo' is neither a command nor an option")]
    [TestCase("--GrpcPort=50052", "'--GrpcPort=50052' is neither")]
    [TestCase("--Listen:GrpcPort", "'--Listen:GrpcPort' is neither")]
    public void Parse_AnythingElse_IsRefusedByName(string line, string message) => Assert.That(Errors(line), Has.Some.Contains(message));

    private static List<string> Errors(string line) => [.. ServerCommand.Create().Parse(line).Errors.Select(error => error.Message)];
}
