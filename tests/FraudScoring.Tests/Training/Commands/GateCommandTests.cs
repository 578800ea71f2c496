using System.CommandLine;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Onnx;
using FraudScoring.Simulation;
using FraudScoring.Tests.Inference.Ensembles;
using FraudScoring.Training.Commands;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;
using Google.Protobuf;
using Spectre.Console;

namespace FraudScoring.Tests.Training.Commands;

[Parallelizable]
public sealed class GateCommandTests
{
    /// <summary>Limits that every sound bundle meets on this short log, so that only the fault under test fails a gate.</summary>
    private const string Settings = """
        {"period": {"frauds_at_least": 20}, "quality": {"resamples": 200, "average_precision_tolerance": 0.02, "auc_tolerance": 0.02},
         "calibration": {"relative_error_at_most": 1, "ratio_at_most": 2.5, "tail_ratio_at_most": 2.5},
         "stability": {"frauds_at_least": 5, "average_precision_worst_to_mean_at_least": 0.2, "auc_worst_to_mean_at_least": 0.5,
          "ratio_at_most": 2},
         "robustness": {"payments": 2000,
          "missing": {"decisions_changed_at_most": 0.2, "flags_lost_at_most": 0.98, "mean_move_at_most": 0.2},
          "random_missing": {"decisions_changed_at_most": 0.2, "flags_lost_at_most": 0.98, "mean_move_at_most": 0.2},
          "noise": {"decisions_changed_at_most": 0.1, "flags_lost_at_most": 0.5, "mean_move_at_most": 0.05, "largest_move_at_most": null},
          "unseen": {"decisions_changed_at_most": 0.2, "flags_lost_at_most": 0.5, "mean_move_at_most": 0.2, "largest_move_at_most": null}},
         "fairness": {"payments_at_least": 200, "frauds_at_least": 1000, "approved_ratio_at_least": 0.5,
          "false_positive_difference_at_most": 0.5, "ratio_at_most": 3},
         "latency": {"runs": 100, "ratio_at_most": 100}}
        """;

    private static string _log = "";
    private static string _logFolder = "";

    private BundleFolder _bundle = null!;
    private string _report = "";

    [OneTimeSetUp]
    public static void Simulate()
    {
        _logFolder = Directory.CreateTempSubdirectory("gates-").FullName;
        _log = Path.Combine(_logFolder, "x.events");
        var options = new SimulationOptions
        {
            Customers = 300, Terminals = 600, Days = 40, Start = new DateOnly(2018, 7, 20), Radius = 12, Seed = 3,
        };
        SimulatedLog.Write(options, _log, null, (_, _) => { }, CancellationToken.None);
    }

    [OneTimeTearDown]
    public static void DeleteLog() => Directory.Delete(_logFolder, recursive: true);

    [SetUp]
    public void CopyBundle()
    {
        _bundle = new BundleFolder();
        _report = Path.Combine(_bundle.Models, "report");
        File.Copy(RepositoryFiles.Path("models", "features.json"), Path.Combine(_bundle.Models, "features.json"));
        File.Copy(RepositoryFiles.Path("models", "rates.json"), Path.Combine(_bundle.Models, "rates.json"));
        File.WriteAllText(Path.Combine(_bundle.Models, "gates.json"), Settings);
    }

    [TearDown]
    public void DeleteBundle() => _bundle.Dispose();

    [Test]
    public async Task Gate_ChampionAgainstItself_PassesTwiceWithTheSameReport()
    {
        var (code, output, error) = await RunAsync("--champion", BundleFolder.Committed);
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(output, Does.Contain("The bundle may be promoted."));
        var first = Json();
        Assert.That(Gates(first).Keys, Is.EqualTo(GateNames.All(GateSettingsReader.Parse(BundleFolder.Utf8(Settings), new())!)));
        Assert.That(Gates(first)["quality.average_precision"], Is.EqualTo(("passed", 0.0)));
        Assert.That(Gates(first)["parity.batch"].Status, Is.EqualTo("passed"));
        Assert.That((string?)first["log_hash"], Is.EqualTo(EventLogReader.Hash(_log)));
        Assert.That((string?)first["bundle_hash"],
            Is.EqualTo((string?)first["champion_hash"]).And.EqualTo(BundleFolder.HashOf(File.ReadAllBytes(_bundle.Path("manifest.json")))));
        Assert.That((string?)first["period"]!["from"], Is.EqualTo("2018-08-10"));
        await RunAsync("--champion", BundleFolder.Committed);
        Assert.That(WithoutLatency(Json()), Is.EqualTo(WithoutLatency(first)));
    }

    [Test]
    public async Task Gate_Uncalibrated_FailsUntilItIsWaived()
    {
        ChangeGraph((model, _) => Set(model, EnsembleGraph.CalibrationBias, values => values.Select(bias => bias + 4)));
        var (code, output, _) = await RunAsync("--champion", BundleFolder.Committed);
        Assert.That(code, Is.EqualTo(ExitCode.GatesFailed));
        Assert.That(output, Does.Contain("The bundle must not be promoted."));
        Assert.That((bool?)Json()["passed"], Is.False);
        var failed = Gates(Json()).Where(gate => gate.Value.Status == "failed").Select(gate => gate.Key).ToArray();
        Assert.That(failed, Does.Contain("calibration.relative_error").And.Contain("calibration.observed_to_expected"));
        Assert.That(Gates(Json())["quality.auc"].Status, Is.EqualTo("passed"), "it ranks as before");
        (code, output, _) = await RunAsync(
            [.. failed.SelectMany(gate => new[] { "--waive", gate, "--by", "A. Nalyst", "--because", "Known & watched" })]);
        Assert.That(code, Is.EqualTo(ExitCode.Success));
        Assert.That(Gates(Json())["calibration.relative_error"].Status, Is.EqualTo("waived"));
        Assert.That((bool?)Json()["passed"], Is.True);
        Assert.That((string?)Json()["waivers"]![0]!["by"], Is.EqualTo("A. Nalyst"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_report, "gates.html")),
            Does.Contain("Known &amp; watched").And.Contain("passed with waivers"));
    }

    [Test]
    public async Task Gate_LeaningOnOneFeature_FailsWhenItIsMissing()
    {
        ChangeGraph((model, manifest) => LeanOn(model, manifest, "card_count_24h"));
        var (code, _, _) = await RunAsync("--champion", BundleFolder.Committed);
        Assert.That(code, Is.EqualTo(ExitCode.GatesFailed));
        var gates = Gates(Json());
        Assert.That(gates["robustness.missing.flags_lost"], Is.EqualTo(("failed", 1.0)));
        Assert.That(gates["quality.average_precision"].Status, Is.EqualTo("failed"));
        var detail = Json()["gates"]!.AsArray().Single(gate => (string?)gate!["name"] == "robustness.missing.flags_lost")!["detail"];
        Assert.That((string?)detail, Does.Contain("history of card"));
    }

    [Test]
    public async Task Gate_FirstModel_ComparesWithNothing()
    {
        var (code, _, error) = await RunAsync();
        Assert.That((code, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(Gates(Json()).Where(gate => gate.Value.Status == "not_applicable")
            .Select(gate => gate.Key).Where(name => !name.StartsWith("fairness", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "quality.average_precision", "quality.auc", "latency.ratio" }));
        Assert.That(Gates(Json())["quality.auc_absolute"].Status, Is.EqualTo("passed"));
        Assert.That(Json()["champion_hash"], Is.Null);
    }

    [Test]
    public async Task Gate_OneCardInTheLog_DrawsPaymentsAndSaysSo()
    {
        var log = Path.Combine(_bundle.Models, "one-card.events");
        using (var writer = new EventLogWriter(log))
        {
            foreach (var record in EventLogReader.Read(_log))
            {
                _ = record.Label is { } label ? label.CardToken = "one" : record.Transaction.Payment.CardToken = "one";
                writer.Write(record);
            }
            writer.Complete();
        }
        ChangeGraph((model, _) => Set(model, EnsembleGraph.StackerWeights, values => values.Select((weight, i) => i == 0 ? weight : 0)));
        await RunAsync("--champion", BundleFolder.Committed, "--log", log);
        var gate = Json()["gates"]!.AsArray().Single(gate => (string?)gate!["name"] == GateNames.AveragePrecision)!;
        Assert.That((string?)gate["detail"], Does.Contain("resamples of payments, because there are too few cards to draw by"));
        var difference = Json()["evidence"]!["differences"]!["average_precision"]!;
        Assert.That((string?)difference["drawn"], Is.EqualTo("payments"));
        Assert.That((double)difference["low"]!, Is.LessThan((double)difference["value"]!));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_report, "gates.html")), Does.Contain("too few cards to draw by"));
    }

    [TestCase("Each --waive needs one --by and one --because; given: 1 --waive, 1 --by, 0 --because.", ExitCode.InvalidOptions,
        "--waive", "latency.ratio", "--by", "A. Nalyst")]
    [TestCase("needs a name (--by) and a reason (--because)", ExitCode.Failure,
        "--waive", "latency.ratio", "--by", "A. Nalyst", "--because", " ")]
    [TestCase("there is no gate 'latency'", ExitCode.Failure, "--waive", "latency", "--by", "A. Nalyst", "--because", "Tuesday")]
    [TestCase("--from must be a date", ExitCode.InvalidOptions, "--from", "yesterday")]
    public async Task Gate_FaultyOptions_AreRefusedAndNothingIsWritten(string message, int expected, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.That(code, Is.EqualTo(expected));
        Assert.That(output + error, Does.Contain(message));
        Assert.That(Directory.Exists(_report), Is.False);
    }

    [Test]
    public async Task Gate_FaultySettings_AreAllNamed()
    {
        await File.WriteAllTextAsync(Path.Combine(_bundle.Models, "gates.json"), """{"seed": -1, "latency": {"runs": 1}}""");
        var (code, _, error) = await RunAsync();
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("$.seed: must be a whole number").And.Contain("$.latency.runs: must be a whole number"));
        Assert.That(Directory.Exists(_report), Is.False);
    }

    [Test]
    public async Task Gate_PeriodWithoutPayments_SaysSo()
    {
        var (code, _, error) = await RunAsync("--from", "2019-01-01");
        Assert.That(code, Is.EqualTo(ExitCode.Failure));
        Assert.That(error, Does.Contain("contains no payments to score; set an earlier --from"));
        Assert.That(Directory.Exists(_report), Is.False);
    }

    private void ChangeGraph(Action<ModelProto, ModelManifest> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_bundle.Path(ModelManifest.GraphFileName)));
        change(model, _bundle.Read(new())!.Manifest);
        _bundle.ReplaceGraph(model.ToByteArray());
    }

    /// <summary>The linear member alone, with a single feature and without calibration.</summary>
    private static void LeanOn(ModelProto model, ModelManifest manifest, string feature)
    {
        Set(model, EnsembleGraph.StackerWeights, values => values.Select((_, i) => manifest.Members[i] == EnsembleGraph.Linear ? 1f : 0));
        Set(model, EnsembleGraph.LinearWeights, values => values.Select((_, i) => manifest.Features[i] == feature ? 4f : 0));
        Set(model, EnsembleGraph.LinearBias, values => values.Select(_ => -8f));
        Set(model, EnsembleGraph.StackerBias, values => values.Select(_ => 0f));
        Set(model, EnsembleGraph.CalibrationBias, values => values.Select(_ => 0f));
        Set(model, EnsembleGraph.CalibrationSlope, values => values.Select(_ => 1f));
        Set(model, EnsembleGraph.CalibrationSlopeChanges, values => values.Select(_ => 0f));
    }

    private static void Set(ModelProto model, string name, Func<IEnumerable<float>, IEnumerable<float>> change)
    {
        var tensor = model.Graph.Initializer.Single(tensor => tensor.Name == name);
        float[] values = [.. change(tensor.FloatData)];
        tensor.FloatData.Clear();
        tensor.FloatData.AddRange(values);
    }

    private JsonNode Json() => JsonNode.Parse(File.ReadAllText(Path.Combine(_report, "gates.json")))!;

    private static Dictionary<string, (string Status, double Value)> Gates(JsonNode report) => report["gates"]!.AsArray()
        .ToDictionary(gate => (string)gate!["name"]!, gate => ((string)gate!["status"]!, (double?)gate["value"] ?? double.NaN));

    private static string WithoutLatency(JsonNode report)
    {
        report = report.DeepClone();
        report.AsObject().Remove("measured");
        report["gates"]!.AsArray().Single(gate => (string?)gate!["name"] == GateNames.Latency)!["value"] = null;
        return report.ToJsonString();
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        var root = new RootCommand { GateCommand.Create(console, TimeProvider.System) };
        string[] from = arguments.Contains("--from") ? [] : ["--from", "2018-08-10"];
        string[] log = arguments.Contains("--log") ? [] : ["--log", _log];
        var code = await root.Parse(
            ["gate", .. log, "--challenger", _bundle.Folder, "--models", _bundle.Models, "--report", _report, .. from, .. arguments])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
