using System.CommandLine;
using System.Text.Json;
using System.Xml.Linq;
using FraudScoring.Simulation;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

[Parallelizable]
public sealed class EvaluateProtocolTests
{
    private static readonly string Catalogue = RepositoryFiles.Path("models", "handbook", "features.json");

    private string _folder = "";

    [OneTimeSetUp]
    public void Simulate()
    {
        _folder = Directory.CreateTempSubdirectory("protocol-").FullName;
        SimulatedLog.Write(new SimulationOptions
        {
            Customers = 400, Terminals = 400, Days = 72, Radius = 20, Seed = 11,
            CardTestingRate = 0, AccountTakeoverRate = 0, ImpossibleTravelRate = 0,
        }, Log, null, (_, _) => { }, CancellationToken.None);
    }

    [OneTimeTearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    private string Log => Path.Combine(_folder, "events.log");

    [Test]
    public async Task Evaluate_TwoDelays_TestsTheSamePaymentsAndSoonerLabelsAreWorthMore()
    {
        var (plot, json) = (Path.Combine(_folder, "plot.svg"), Path.Combine(_folder, "figures.json"));
        string[] arguments =
        [
            "--label-delay", "1h,7d", "--train-days", "14", "--test-start", "2018-05-12", "--trees", "40", "--plot", plot, "--json", json,
        ];
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("Labels known after 1h").And.Contain("Labels known after 7d")
            .And.Contain("Quality by label delay").And.Contain("2018-06-02"));
        var first = (await File.ReadAllTextAsync(json), await File.ReadAllTextAsync(plot));
        using var figures = JsonDocument.Parse(first.Item1);
        var delays = figures.RootElement.GetProperty("delays").EnumerateArray().ToList();
        Assert.That(delays.Select(delay => delay.GetProperty("folds").GetArrayLength()), Is.EqualTo(new[] { 4, 4 }));
        Assert.That(Rows(delays[0]), Is.EqualTo(Rows(delays[1])));
        Assert.That(Precision(delays[0]), Is.GreaterThan(Precision(delays[1])));
        Assert.That(Precision(delays[1]), Is.GreaterThan(0.2), "far better than the share of frauds");
        Assert.That(XDocument.Parse(first.Item2).Root!.Name.LocalName, Is.EqualTo("svg"));
        await RunAsync(arguments);
        Assert.That((await File.ReadAllTextAsync(json), await File.ReadAllTextAsync(plot)), Is.EqualTo(first), "the second run is equal");
    }

    [Test]
    public async Task Evaluate_WholeEnsembleOnOneSplit_Works()
    {
        (int code, string output, string error) = await RunAsync(
            "--folds", "single", "--members", "all", "--train-days", "28", "--test-start", "2018-06-01", "--trees", "20",
            "--label-delay", "1d");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("2018-06-01").And.Not.Contain("deviation").And.Not.Contain("Quality by label delay"));
    }

    [Test]
    public async Task Evaluate_InvalidOptions_NamesThemAll()
    {
        var json = Path.Combine(_folder, "bad.json");
        (int code, _, string error) = await RunAsync(
            "--label-delay", "1h,5y,40d", "--train-days", "0", "--folds", "many", "--members", "none", "--test-start", "1.8.2018",
            "--trees", "0", "--bundle", "models/payments/1", "--from", "2018-01-01", "--json", json);
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        string[] faults =
        [
            "--label-delay cannot be '5y'", "--label-delay cannot be '40d'", "--train-days must be", "--folds must be", "--members must be",
            "--test-start must be", "trees.Trees", "--bundle cannot be combined with --protocol",
            "--from cannot be combined with --protocol",
        ];
        Assert.That(faults, Is.All.Matches<string>(fault => error.Contains(fault!, StringComparison.Ordinal)), error);
        Assert.That(File.Exists(json), Is.False);
    }

    [TestCase("--label-delay", "1h")]
    [TestCase("--folds", "single")]
    [TestCase("--plot", "x.svg")]
    public async Task Evaluate_OptionOfTheProtocolWithoutIt_IsRefused(params string[] arguments)
    {
        (int code, _, string error) = await RunRawAsync(["--log", Log, "--bundle", "models/payments/1", .. arguments]);
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain($"{arguments[0]} requires --protocol"));
    }

    [Test]
    public async Task Evaluate_NeitherBundleNorProtocol_AsksForOne()
    {
        (int code, _, string error) = await RunRawAsync(["--log", Log]);
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--bundle is required").And.Contain("--protocol"));
    }

    [TestCase("fraud")]
    [TestCase("Handbook2")]
    public async Task Evaluate_UnknownProtocol_NamesTheOneThereIs(string protocol)
    {
        (int code, _, string error) = await RunRawAsync(["--log", Log, "--protocol", protocol]);
        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        Assert.That(error, Does.Contain("--protocol must be handbook"));
    }

    [Test]
    public async Task Evaluate_OtherSpanWithoutTestStart_AsksForItAndWritesNothing()
    {
        var json = Path.Combine(_folder, "none.json");
        (int code, _, string error) = await RunAsync("--json", json);
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("--test-start: must be given: the log's payments are from 2018-04-01 to 2018-06-11"));
        Assert.That(Directory.GetFiles(_folder, "none*"), Is.Empty);
    }

    [Test]
    public async Task Evaluate_TestBeyondTheLog_NamesEverySplit()
    {
        (int code, _, string error) = await RunAsync("--test-start", "2018-05-30");
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("test of 2018-06-13: ends on 2018-06-19").And.Contain("test of 2018-06-20: ends on 2018-06-26"));
    }

    private static List<(int, int)> Rows(JsonElement delay) =>
        [.. delay.GetProperty("folds").EnumerateArray()
            .Select(fold => (fold.GetProperty("test_rows").GetInt32(), fold.GetProperty("test_frauds").GetInt32()))];

    private static double Precision(JsonElement delay) => delay.GetProperty("mean").GetProperty("average_precision").GetDouble();

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunRawAsync(["--log", Log, "--protocol", "handbook", "--catalogue", Catalogue, .. arguments]);

    private static async Task<(int Code, string Output, string Error)> RunRawAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var root = new RootCommand { EvaluateCommand.Create(console) };
        int code = await root.Parse(["evaluate", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
