using System.CommandLine;
using FraudScoring.Demo;
using FraudScoring.LoadTest;
using FraudScoring.Server.Commands;
using FraudScoring.Training.Commands;
using Spectre.Console;

namespace FraudScoring.Tests;

/// <summary>Every command prints its help, even if required options are missing.</summary>
internal sealed class HelpTests
{
    private static readonly IAnsiConsole Silent =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });

    private static readonly (string Program, Func<RootCommand> Create)[] Programs =
    [
        ("trainer", () => TrainerCommand.Create(Silent, TimeProvider.System)),
        ("server", ServerCommand.Create),
        ("load test", LoadTestCommand.Create),
        ("demo", () => DemoCommand.Create(Silent, TimeProvider.System)),
    ];

    private static IEnumerable<TestCaseData> Commands() =>
        from program in Programs
        from path in Paths(program.Create(), [])
        from help in new[] { "--help", "-h" }
        select new TestCaseData(program.Create, path.Append(help).ToArray()).SetArgDisplayNames([program.Program, .. path, help]);

    [TestCaseSource(nameof(Commands))]
    public async Task Help_OfEveryCommand_IsPrinted(Func<RootCommand> create, string[] arguments)
    {
        var (code, output, error) = await RunAsync(create(), arguments);
        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("Usage:"));
    }

    [TestCaseSource(nameof(Commands))]
    public void Parse_EveryCommandWithoutOptions_DoesNotThrow(Func<RootCommand> create, string[] arguments) =>
        Assert.That(() => create().Parse(arguments[..^1]), Throws.Nothing);

    [Test]
    public void Commands_OfTheTrainer_AreAllSeen()
    {
        var names = Paths(Programs[0].Create(), []).Select(path => string.Join(' ', path));
        Assert.That(names, Is.SupersetOf(new[] { "", "train", "thresholds", "runs compare", "keys create", "verify" }));
    }

    private static IEnumerable<string[]> Paths(Command command, string[] path) =>
        command.Subcommands.SelectMany(below => Paths(below, [.. path, below.Name])).Prepend(path);

    private static async Task<(int Code, string Output, string Error)> RunAsync(RootCommand root, string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var invocation = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        var code = await root.Parse(arguments).InvokeAsync(invocation);
        return (code, output.ToString(), error.ToString());
    }
}
