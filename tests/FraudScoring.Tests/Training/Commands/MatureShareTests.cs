using System.CommandLine;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Simulation;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using FraudScoring.V1;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

/// <summary>Commands that test on a log leave out the days whose labels are not mature, and name them wherever they state the period.</summary>
[Parallelizable]
public sealed class MatureShareTests
{
    private const string Name = "--mature-share";

    private string _folder = "";
    private LabelMaturity _maturity = null!;

    private string Log => Path.Combine(_folder, "cut.events");

    /// <summary>The log of a system that is still running: labels that are due after the last payment are missing.</summary>
    [OneTimeSetUp]
    public void Simulate()
    {
        _folder = Directory.CreateTempSubdirectory("mature-").FullName;
        var whole = Path.Combine(_folder, "whole.events");
        SimulatedLog.Write(new SimulationOptions
        {
            Customers = 250, Terminals = 500, Radius = 20, Days = 75, Seed = 5, Start = new DateOnly(2018, 7, 1),
        }, whole, null, (_, _) => { }, CancellationToken.None);
        var last = LabelBook.Create(EventLogReader.Read(whole)).LastMs;
        using (var cut = new EventLogWriter(Log))
        {
            foreach (var record in EventLogReader.Read(whole).Where(record => record.EventCase == EventLogRecord.EventOneofCase.Transaction
                || record.Label.LabelTime.ToDateTimeOffset().ToUnixTimeMilliseconds() <= last))
            {
                cut.Write(record);
            }
            cut.Complete();
        }
        _maturity = LabelMaturity.Estimate(LabelBook.Create(EventLogReader.Read(Log)), LabelMaturity.DefaultShare);
        Assert.That(_maturity.ExcludedDays, Is.InRange(10, 25));
        foreach (var file in new[] { "features.json", "rates.json", "policy.json", "costs.json", "gates.json" })
        {
            File.Copy(RepositoryFiles.Path("models", file), Path.Combine(_folder, file));
        }
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [TestCase("train")]
    [TestCase("evaluate", "--bundle", "b")]
    [TestCase("gate")]
    public void Command_ThatTestsOnALog_HasTheOption(string command, params string[] required)
    {
        var root = TrainerCommand.Create(AnsiConsole.Create(new AnsiConsoleSettings()), TimeProvider.System);
        IEnumerable<string> Errors(string share) => root.Parse([command, .. required, Name, share]).Errors.Select(error => error.Message)
            .Where(message => message.Contains(Name, StringComparison.Ordinal));
        Assert.That(new[] { "-0.1", "1", "NaN" }.SelectMany(Errors), Is.All.EqualTo($"{Name} must be 0 to 0.99.").And.Exactly(3).Items);
        Assert.That(Errors("0").Concat(Errors("0.99")), Is.Empty);
    }

    [Test]
    public async Task Train_LogStillRunning_TestsOnMatureDaysAndNamesTheOthers()
    {
        var (code, output, error) = await RunAsync("train", "--log", Log, "--models", _folder, "--version", "1", "--warm-up-days", "15",
            "--gap-days", "3", "--test-days", "8", "--trees", "20", "--members", "trees,linear", "--folds", "2");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        AssertNamed(output);
        var bundle = Path.Combine(_folder, "payments", "1");
        AssertNamed(await File.ReadAllTextAsync(Path.Combine(bundle, ModelManifest.CardFileName)));
        AssertNamed(await File.ReadAllTextAsync(Path.Combine(_folder, "runs.jsonl")));
        var lineage = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(bundle, ModelManifest.FileName)))!["lineage"]!;
        AssertNamed((string?)lineage["label_maturity"]);
        Assert.That((string?)lineage["parts"]!.AsArray().Single(part => (string?)part!["name"] == "test")!["to"],
            Is.EqualTo(_maturity.ExcludedFrom), "the test ends before the first day left out");
    }

    [Test]
    public async Task Evaluate_LogStillRunning_ScoresMatureDaysAndNamesTheOthers()
    {
        string[] evaluate = ["evaluate", "--log", Log, "--models", _folder, "--bundle", BundleFolder.Committed, "--from", "2018-08-10"];
        var scores = Path.Combine(_folder, "scores.csv");
        var (code, output, error) = await RunAsync([.. evaluate, "--scores", scores]);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        AssertNamed(output);
        var mature = (await File.ReadAllLinesAsync(scores)).Length;
        (_, output, _) = await RunAsync([.. evaluate, "--scores", scores, Name, "0"]);
        Assert.That(output, Does.Contain("Days with immature labels were not left out"));
        Assert.That((await File.ReadAllLinesAsync(scores)).Length, Is.GreaterThan(mature * 1.3));
    }

    [Test]
    public async Task Evaluate_OnlyImmatureDays_SaysWhyNothingIsScored()
    {
        var (code, _, error) = await RunAsync("evaluate", "--log", Log, "--models", _folder, "--bundle", BundleFolder.Committed,
            "--from", _maturity.ExcludedFrom!);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("contains no payments to score"));
        AssertNamed(error);
    }

    [Test]
    public async Task Gate_LogStillRunning_JudgesMatureDaysAndNamesTheOthers()
    {
        var report = Path.Combine(_folder, "report");
        var (code, output, error) = await RunAsync("gate", "--log", Log, "--models", _folder, "--challenger", BundleFolder.Committed,
            "--from", "2018-08-01", "--report", report);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        AssertNamed(output);
        AssertNamed(await File.ReadAllTextAsync(Path.Combine(report, "gates.html")));
        var period = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(report, "gates.json")))!["period"]!;
        var maturity = period["label_maturity"]!;
        AssertNamed((string?)maturity["text"]);
        Assert.That(((int)maturity["excluded_days"]!, (string?)maturity["excluded_from"], (string?)maturity["excluded_to"]),
            Is.EqualTo((_maturity.ExcludedDays, _maturity.ExcludedFrom, _maturity.ExcludedTo)));
        Assert.That(string.CompareOrdinal((string?)period["to"], _maturity.ExcludedFrom), Is.Negative);
    }

    private void AssertNamed(string? text) => Assert.That(
        text, Does.Contain($"{_maturity.ExcludedDays} days, {_maturity.ExcludedFrom} to {_maturity.ExcludedTo}, are left out"));

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var code = await TrainerCommand.Create(console, TimeProvider.System).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
