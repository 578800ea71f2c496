using System.CommandLine;
using FraudScoring.Core.Features;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Export;
using FraudScoring.Training.Learners;
using Google.Protobuf;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>train</c>: learns an ensemble from an event log and writes its bundle.</summary>
internal sealed class TrainCommand(IAnsiConsole console)
{
    /// <summary>Name of the metric that says how far the exported graph is from the trainer, in probability.</summary>
    private const string LargestGraphDifference = "largest_graph_difference";

    private readonly TrainOptions _options = new();

    /// <summary>The command for the root command.</summary>
    public static Command Create(IAnsiConsole console)
    {
        var train = new TrainCommand(console);
        var command = new Command("train", "Learn an ensemble from an event log, prove the exported graph equal to it, and write its bundle.");
        train._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(() => Failures.Report(parsed, () => train.Run(parsed, cancellation)), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var models = parsed.GetRequiredValue(_options.Models).FullName;
        var folder = Path.Combine(models, parsed.GetRequiredValue(_options.Model), parsed.GetRequiredValue(_options.Version));
        if (Directory.Exists(folder) && !parsed.GetValue(_options.Replace))
        {
            throw new IOException($"{folder} exists; give another --version, or --replace");
        }
        var catalogue = CatalogueFile.Read(models);
        var (manifest, graph) = console.Progress().Columns(Bars.Columns).Start(context => Learn(parsed, catalogue, new Bars(context), cancellation));
        var hash = BundleWriter.Write(folder, graph, manifest, catalogue, CatalogueFile.Bytes(models), replace: true);
        Tables.Print(console, manifest.Metrics, manifest.Operating);
        parsed.InvocationConfiguration.Output.WriteLine($"SHA-256 of {ModelManifest.GraphFileName}: {hash}");
        parsed.InvocationConfiguration.Output.WriteLine(folder);
        return ExitCode.Success;
    }

    private (ModelManifest, byte[]) Learn(ParseResult parsed, FeatureCatalogue catalogue, Bars bars, CancellationToken cancellation)
    {
        var (log, models) = (parsed.GetRequiredValue(_options.Log).FullName, parsed.GetRequiredValue(_options.Models).FullName);
        var (policy, costs) = (PolicyFile.Read(models, catalogue), CostsFile.Read(parsed.GetValue(_options.Costs), models));
        var parameters = _options.Parameters(parsed.CommandResult);
        var book = bars.Of("Read labels", () => LabelBook.Read(EventLogReader.Read(log)));
        var split = TimeSplit.Of(book, parsed.GetRequiredValue(_options.WarmUp), parsed.GetRequiredValue(_options.Gap), parsed.GetRequiredValue(_options.Test), 0.35);
        var history = bars.Of("Replay payments", book.Payments, progress => ReplayedHistory.Replay(log, catalogue, book, split, progress, cancellation));
        var ensemble = EnsembleTrainer.Train(history.Fit, history.Later, parameters, bars.ForTraining(), cancellation);
        var stackingRows = (int)(history.Later.Rows * parameters.StackingShare);
        var calibrated = history.Later.Slice(stackingRows, history.Later.Rows - stackingRows);
        var thresholds = bars.Of("Find thresholds", () => FoundThresholds.Find(
            ensemble.PredictProbabilities(calibrated), calibrated.Labels, [.. history.LaterPayments.Skip(stackingRows)], costs, catalogue.ReferenceCurrency));
        var probabilities = ensemble.PredictProbabilities(history.Test);
        var evaluation = ModelEvaluation.Of(probabilities, history.Test.Labels, history.TestPayments);
        var graph = ensemble.ToOnnx().ToByteArray();
        evaluation.Metrics[LargestGraphDifference] = Math.Round(
            bars.Of("Compare the graph", () => GraphParity.Check(graph, history.Test, probabilities)), 9);
        var manifest = new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Model = parsed.GetRequiredValue(_options.Model),
            Version = parsed.GetRequiredValue(_options.Version),
            CatalogueHash = catalogue.Hash,
            PolicyHash = policy.Hash,
            Features = ensemble.FeatureNames,
            Members = [EnsembleGraph.Trees, EnsembleGraph.Linear],
            Files = [],
            Thresholds = thresholds.Plan,
            Costs = costs,
            Operating = thresholds.Operate(probabilities, history.Test.Labels, history.TestPayments),
            Metrics = evaluation.Metrics,
            Lineage = Lineage.Of(string.Join(' ', parsed.Tokens.Select(token => token.Value)), log, book, split, history),
            Parameters = new() { ["trees"] = parameters.Trees.ToText() },
        };
        return (manifest, graph);
    }
}
