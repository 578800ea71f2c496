using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Simulation;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Runs;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

[Parallelizable]
public sealed class TrainCommandTests
{
    private static readonly string[] Quick =
    [
        "--version", "1", "--warm-up-days", "10", "--test-days", "8", "--trees", "20", "--forest-trees", "5", "--anomaly-trees", "10",
    ];

    private static readonly string[] Inputs = ["features.json", "rates.json", "policy.json", "costs.json"];

    private static readonly string[] TwoFolds = ["--folds", "2", "--gap-days", "3"];

    private string _data = "";
    private string _models = "";

    [OneTimeSetUp]
    public void Simulate()
    {
        _data = Directory.CreateTempSubdirectory("train-data-").FullName;
        var options = new SimulationOptions { Customers = 250, Terminals = 500, Radius = 20, Days = 60, Seed = 5 };
        SimulatedLog.Write(options, Log, null, (_, _) => { }, CancellationToken.None);
    }

    [OneTimeTearDown]
    public void DeleteData() => Directory.Delete(_data, recursive: true);

    [SetUp]
    public void CreateModels()
    {
        _models = Directory.CreateTempSubdirectory("train-models-").FullName;
        foreach (var file in Inputs)
        {
            File.Copy(RepositoryFiles.Path("models", file), Path.Combine(_models, file));
        }
    }

    [TearDown]
    public void DeleteModels() => Directory.Delete(_models, recursive: true);

    private string Log => Path.Combine(_data, "train.events");

    private string Manifest => Path.Combine(_models, "payments", "1", ModelManifest.FileName);

    [Test]
    public async Task Train_TheSameLogTwice_GivesTheSameBundleAndRecordsBothRuns()
    {
        var runs = Path.Combine(_models, "runs.jsonl");
        var (code, output, error) = await RunAsync([.. Quick, .. TwoFolds, "--runs", runs]);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
        var first = await File.ReadAllBytesAsync(Manifest);
        (code, output, _) = await RunAsync([.. Quick, .. TwoFolds, "--replace", "--runs", runs]);

        Assert.That(code, Is.EqualTo(ExitCode.Success));
        Assert.That(await File.ReadAllBytesAsync(Manifest), Is.EqualTo(first), "the manifest holds the hashes of all other files");
        var faults = new Faults();
        var bundle = ModelBundle.Load(Path.Combine(_models, "payments", "1"), TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        Assert.That(bundle.Manifest.Members, Is.Not.Empty.And.SubsetOf(EnsembleMembers.Names));
        Assert.That(bundle.CudaGraph, Is.Not.Null);
        Assert.That(bundle.Manifest.Metrics["largest_cuda_graph_difference"], Is.LessThanOrEqualTo(1e-6));
        faults.Clear();
        var records = RunLog.Load(runs, faults);
        Assert.That(faults, Is.Empty);
        Assert.That(records.Select(r => r.BundleHash), Is.EqualTo(new[] { bundle.Hash, bundle.Hash }));
        Assert.That(records[0].DataHash, Is.EqualTo(EventLogReader.Hash(Log)));
        Assert.That(records[0].CatalogueHash, Is.EqualTo(TestCatalogues.Served.Hash));
        Assert.That(records[0].Folds, Has.Count.EqualTo(2));
        Assert.That(records[0].Considered, Has.Count.GreaterThanOrEqualTo(6));
        Assert.That(records[0].Considered.Select(set => set.Members), Has.Some.EqualTo(bundle.Manifest.Members));
        var card = await File.ReadAllTextAsync(Path.Combine(_models, "payments", "1", ModelManifest.CardFileName));
        Assert.That(card, Does.Contain("### Members considered (on the folds)"));
        Assert.That(records[0].Metrics, Is.EqualTo(bundle.Manifest.Metrics));
        Assert.That(records[0].Parameters["forest.trees"], Is.EqualTo("5"));
        Assert.That(output, Does.Contain(records[1].Id).And.Contain("anomaly"));
    }

    [Test]
    public async Task Train_MembersByName_UsesThoseAndNoOthers()
    {
        var (code, output, error) = await RunAsync(
            [.. Quick, .. TwoFolds, "--members", "linear,trees", "--runs", Path.Combine(_models, "runs.jsonl")]);

        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
        var faults = new Faults();
        var bundle = ModelBundle.Load(Path.Combine(_models, "payments", "1"), TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        Assert.That(bundle.Manifest.Members, Is.EqualTo(new[] { "trees", "linear" }));
        Assert.That(bundle.Manifest.Lineage.Parts.Select(part => part.Name), Does.Contain("calibration"));
        faults.Clear();
        Assert.That(Ensemble.Load(bundle, TestCatalogues.Served.Features.Count, faults), Is.Not.Null);
    }

    [Test]
    public async Task Thresholds_OtherCosts_AreRecomputedAndTheModelStays()
    {
        await RunAsync([.. Quick, .. TwoFolds, "--members", "trees", "--runs", Path.Combine(_models, "runs.jsonl")]);
        var before = ModelBundle.Load(Path.Combine(_models, "payments", "1"), TestCatalogues.Served, new())!;
        var (code, output, error) = await ThresholdsAsync(Log, Path.Combine(_models, "costs.json"), "2");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
        var faults = new Faults();
        var same = ModelBundle.Load(Path.Combine(_models, "payments", "2"), TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        Assert.That(same.Thresholds.Default.Decline, Is.EqualTo(before.Thresholds.Default.Decline).Within(1e-6),
            "the same costs find the same thresholds");

        var costs = await File.ReadAllTextAsync(Path.Combine(_models, "costs.json"));
        var nothing = costs.Replace("\"amount_share\": 0.2, \"fixed\": 15", "\"amount_share\": 0, \"fixed\": 0", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_models, "cheap.json"), nothing);
        (code, output, error) = await ThresholdsAsync(Log, Path.Combine(_models, "cheap.json"), "3");
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
        faults.Clear();
        var cheap = ModelBundle.Load(Path.Combine(_models, "payments", "3"), TestCatalogues.Served, faults)!;
        Assert.That(faults, Is.Empty);
        Assert.That(cheap.Graph, Is.EqualTo(before.Graph));
        Assert.That((cheap.Manifest.Version, cheap.Manifest.Costs.FalseDecline.Fixed), Is.EqualTo(("3", 0)));
        Assert.That(cheap.Thresholds.Default.Decline, Is.LessThan(before.Thresholds.Default.Decline));
        Assert.That((before.Manifest.DerivedFrom, cheap.Manifest.DerivedFrom),
            Is.EqualTo(((BundleReference?)null, new BundleReference("payments", "1", before.Hash))));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_models, "payments", "3", ModelManifest.CardFileName)),
            Does.Contain($"| derived from | payments 1, bundle `{before.Hash}`"));
        Assert.That(cheap.Manifest.Files.Keys, Is.EqualTo(before.Manifest.Files.Keys));

        var (again, _, exists) = await ThresholdsAsync(Log, Path.Combine(_models, "cheap.json"), "3");
        Assert.That((again, exists.Contains("exists; use another --version", StringComparison.Ordinal)),
            Is.EqualTo((ExitCode.Failure, true)), exists);
        var (other, _, mismatch) = await ThresholdsAsync(Path.Combine(_models, "features.json"), Path.Combine(_models, "cheap.json"), "4");
        Assert.That((other, mismatch.Contains("is not the event log the bundle was trained on", StringComparison.Ordinal)),
            Is.EqualTo((ExitCode.Failure, true)), mismatch);
    }

    [Test]
    public async Task Train_WithSearch_UsesWhatItFoundAndRecordsWhatItTried()
    {
        var (code, output, error) = await RunAsync([.. Quick, .. TwoFolds, "--search", "2", "--runs", Path.Combine(_models, "runs.jsonl")]);

        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")), output);
        var record = RunLog.Load(Path.Combine(_models, "runs.jsonl"), new()).Single();
        Assert.That(record.Trials, Has.Count.EqualTo(2 * ParameterSearch.Members));
        var best = record.Trials.Where(t => t.Member == "trees").MaxBy(t => t.AveragePrecision)!;
        Assert.That(record.Parameters["trees.leaves"], Is.EqualTo(best.Parameters["leaves"]));
    }

    [Test]
    public async Task Train_TooFewFraudsForAFold_NamesThemAndLeavesNothingBehind()
    {
        var (code, _, error) = await RunAsync(
            [.. Quick, "--folds", "20", "--gap-days", "16", "--runs", Path.Combine(_models, "runs.jsonl")]);

        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("fold 1").And.Contain("use fewer folds"));
        Assert.That(Directory.GetFileSystemEntries(_models).Select(Path.GetFileName), Is.EquivalentTo(Inputs));
    }

    [Test]
    public async Task Train_InvalidOptions_NamesThemAll()
    {
        var (code, _, error) = await RunAsync(
            "--version", "1", "--search", "-1", "--fraud-weight", "0", "--amount-power", "2", "--folds", "21", "--forest-trees", "0",
            "--anomaly-trees", "0", "--members", "trees,magic");

        Assert.That(code, Is.EqualTo(ExitCode.InvalidOptions));
        string[] named = ["--search", "weights.Fraud", "weights.AmountPower", "Folds", "forest.Trees", "anomaly.Trees", "'magic'"];
        Assert.That(named, Is.All.Matches<string>(name => error.Contains(name!, StringComparison.Ordinal)), error);
    }

    private Task<(int Code, string Output, string Error)> ThresholdsAsync(string log, string costs, string version) => InvokeAsync(
        "thresholds", "--bundle", Path.Combine(_models, "payments", "1"), "--log", log, "--costs", costs, "--version", version);

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) =>
        InvokeAsync(["train", "--log", Log, "--models", _models, .. arguments]);

    private static async Task<(int Code, string Output, string Error)> InvokeAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var root = new RootCommand { TrainCommand.Create(console, TimeProvider.System), ThresholdsCommand.Create(console) };
        var code = await root.Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
