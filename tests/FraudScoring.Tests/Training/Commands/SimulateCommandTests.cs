using System.CommandLine;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

public sealed class SimulateCommandTests
{
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("simulate-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    private string Log => Path.Combine(_folder, "events.log");

    [Test]
    public async Task Simulate_SmallRun_WritesTheLogAndPrintsTheSummary()
    {
        (int code, string output, string error) = await RunAsync(
            "--out", Log, "--customers", "100", "--terminals", "200", "--radius", "20", "--days", "5", "--label-delay", "7d");
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.Zero);
            Assert.That(error, Is.Empty);
            Assert.That(output, Does.Contain($"SHA-256 {EventLogReader.Hash(Log)}").And.Contain("payments").And.Contain("CardTesting"));
        });
    }

    [Test]
    public async Task Simulate_InvalidOptions_NamesThemAll()
    {
        (int code, _, string error) = await RunAsync(
            "--out", Log, "--days", "x", "--customers", "0", "--radius", "-1",
            "--label-delay", "5y", "--start", "1.1.2020", "--reviews", "2");
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        string[] names = ["--days", "--customers", "--radius", "--label-delay", "--start", "--reviews"];
        Assert.That(names, Is.All.Matches<string>(name => error.Contains($"{name!} ", StringComparison.Ordinal)), error);
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    [TestCase("1000d")]
    [TestCase("-1h")]
    [TestCase("7")]
    [TestCase("")]
    public async Task Simulate_BadDelay_SaysWhatWouldDo(string delay)
    {
        (int code, _, string error) = await RunAsync("--out", Log, $"--label-delay={delay}");
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--label-delay"));
    }

    [Test]
    public async Task Simulate_NoFolder_FailsWithTheReason()
    {
        (int code, _, string error) = await RunAsync("--out", Path.Combine(_folder, "no", "events.log"));
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("does not exist"));
    }

    [Test]
    public async Task Simulate_Cancelled_SaysSoAndLeavesNothing()
    {
        (int code, _, string error) = await RunAsync(new CancellationToken(canceled: true), "--out", Log);
        Assert.That(code, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(error, Does.Contain("no result was written"));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.Empty);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(CancellationToken.None, arguments);

    private static async Task<(int Code, string Output, string Error)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var root = new RootCommand { SimulateCommand.Create(console, TimeProvider.System) };
        int code = await root.Parse(["simulate", .. arguments])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
