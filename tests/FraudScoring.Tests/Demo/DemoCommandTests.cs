using FraudScoring.Demo;
using Spectre.Console;

namespace FraudScoring.Tests.Demo;

internal sealed class DemoCommandTests
{
    [TestCase("")]
    [TestCase("--Logging:LogLevel:Default=Warning --duration 60s --rate 100")]
    [TestCase("--duration 2m --Listen:HttpPort=0 --customers 1000 --seed 1")]
    public void Parse_OptionsAndSettings_AreAccepted(string line) => Assert.That(Errors(line), Is.Empty);

    [TestCase("demo", "'demo' is neither a command nor an option")]
    [TestCase("--ratee 5", "'--ratee' is neither")]
    [TestCase("--rate 0", "--rate cannot be '0'; give a whole number from 1 to 20000.")]
    [TestCase("--rate 1e3", "--rate cannot be '1e3'")]
    [TestCase("--customers 49", "--customers cannot be '49'")]
    [TestCase("--seed -1", "--seed cannot be '-1'")]
    [TestCase("--duration soon", "--duration cannot be 'soon'; use at most 24h, such as 90s, 2m or 1h.")]
    public void Parse_AnythingElse_IsRefusedByName(string line, string message) => Assert.That(Errors(line), Has.Some.Contains(message));

    [Test]
    public void Parse_SeveralFaults_NamesThemAll() => Assert.That(Errors("--rate 0 --customers 0 --duration 0"), Has.Count.EqualTo(3));

    private static List<string> Errors(string line) =>
        [.. DemoCommand.Create(AnsiConsole.Console, TimeProvider.System).Parse(line).Errors.Select(error => error.Message)];
}
