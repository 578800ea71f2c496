using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Commands;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

/// <summary>Every command that replays a log counts labels without tokens as the service that it is for.</summary>
public sealed class LabelHorizonTests
{
    private const string Name = "--label-horizon-days";

    [TestCase("train")]
    [TestCase("evaluate")]
    [TestCase("gate")]
    [TestCase("thresholds")]
    public void Command_ThatReplaysALog_HasTheOption(string command)
    {
        var option = Root().Subcommands.Single(known => known.Name == command).Options.OfType<Option<int>>().Single(o => o.Name == Name);
        Assert.That(option.GetDefaultValue(), Is.EqualTo(90));
        Assert.That(ErrorsOf(command, "0").Concat(ErrorsOf(command, "3661")), Is.All.EqualTo($"{Name} must be 1 to 3660."));
        Assert.That(ErrorsOf(command, "30"), Is.Empty);
    }

    [TestCase(new[] { Name, "30" }, 30)]
    [TestCase(new string[0], 90)]
    public void Train_Horizon_IsThatOfTheRun(string[] given, int days)
    {
        var (options, command) = (new TrainOptions(), new Command("train"));
        options.AddTo(command);
        var parsed = new RootCommand { command }.Parse(["train", "--log", "x.events", "--version", "1", .. given]);
        Assert.That(options.ToRequest(parsed).LabelHorizonMs, Is.EqualTo(days * MillisecondsPer.Day));
    }

    [Test]
    public void Evaluate_WithAProtocol_RefusesIt() => Assert.That(
        Root().Parse(["evaluate", "--log", "x", "--protocol", "handbook", Name, "30"]).Errors.Select(error => error.Message),
        Has.Member($"{Name} cannot be combined with --protocol."));

    private static RootCommand Root() => TrainerCommand.Create(AnsiConsole.Create(new AnsiConsoleSettings()), TimeProvider.System);

    private static IEnumerable<string> ErrorsOf(string command, string days) =>
        Root().Parse([command, Name, days]).Errors.Select(error => error.Message).Where(message => message.Contains(Name, StringComparison.Ordinal));
}
