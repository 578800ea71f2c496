using System.CommandLine;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.Training.Export;
using FraudScoring.Training.Inputs;
using FraudScoring.Training.Progress;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>thresholds</c>: finds a bundle's thresholds again for changed decision costs. The model stays unchanged.</summary>
internal sealed class ThresholdsCommand(IAnsiConsole console)
{
    private readonly Option<DirectoryInfo> _bundle = new("--bundle")
    {
        Description = "Bundle folder, such as models/payments/1.", Required = true,
    };

    private readonly Option<FileInfo> _log = new("--log") { Description = "Event log the bundle was trained on.", Required = true };

    private readonly Option<FileInfo> _costs = new("--costs") { Description = "Decision costs (JSON, like costs.json).", Required = true };

    private readonly Option<FileInfo?> _rates = new("--rates")
    {
        Description = "Exchange rates the bundle was trained with. Default: rates.json in the models folder that holds the bundle.",
    };

    private readonly Option<int> _horizon = LabelHorizon.CreateOption();

    private readonly Option<string> _version = new("--version")
    {
        Description = "Version of the new bundle, written next to the old one.", Required = true,
    };

    public static Command Create(IAnsiConsole console)
    {
        var thresholds = new ThresholdsCommand(console);
        const string description = "Find a bundle's thresholds for other decision costs, without training, and write a new version of it.";
        var command = new Command("thresholds", description)
        {
            thresholds._bundle, thresholds._log, thresholds._costs, thresholds._rates, thresholds._horizon,
            thresholds._version,
        };
        command.Validators.Add(result =>
        {
            if (result.HasValue(thresholds._version) && !ModelId.IsValidName(result.ValueOf(thresholds._version)))
            {
                result.AddError($"--version {ModelId.NameRule}.");
            }
        });
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => thresholds.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var source = Path.TrimEndingDirectorySeparator(parsed.GetRequiredValue(_bundle).FullName);
        var faults = new Faults();
        var bundle = SealedBundle.Load(source, SealRequirements.None, faults)
            ?? throw new InvalidDataException(faults.ToLines());
        var (log, costsPath) = (parsed.GetRequiredValue(_log).FullName, parsed.GetRequiredValue(_costs).FullName);
        var costs = InputFile.Load<DecisionCosts>(costsPath, CostsReader.Parse);
        var version = parsed.GetRequiredValue(_version);
        var target = Path.Combine(Path.GetDirectoryName(source)!, version);
        BundleWriter.Prepare(target, replace: false);
        if (EventLogReader.Hash(log) is var hash && hash != bundle.Manifest.Lineage.EventLogSha256)
        {
            throw new InvalidDataException(
                $"{log}: is not the event log the bundle was trained on, and thresholds can only be found on the same payments; "
                + $"its SHA-256 is {hash}, that of {bundle.Manifest.Lineage.Source} was {bundle.Manifest.Lineage.EventLogSha256}");
        }
        var catalogueBytes = File.ReadAllBytes(Path.Combine(source, ModelManifest.CatalogueFileName));
        var catalogue = InputFile.Parse<FeatureCatalogue>(ModelManifest.CatalogueFileName, catalogueBytes, CatalogueReader.Parse);
        var models = Path.GetDirectoryName(Path.GetDirectoryName(source)!)!;
        var rates = RatesFile.Load(parsed.GetValue(_rates)?.FullName, models, catalogue);
        if (bundle.Manifest.Lineage.RatesHash is { } trained && trained != rates.Hash)
        {
            throw new InvalidDataException(
                $"the exchange rates are not those the bundle was trained with, whose SHA-256 was {trained}; name these with --rates");
        }
        var horizonMs = LabelHorizon.ReadMs(parsed, _horizon);
        var withoutRate = new PaymentsWithoutRate(rates);
        var manifest = Bars.Show(console, run => Find(bundle, log, catalogue, rates, withoutRate, horizonMs, costs, run, cancellation)) with
        {
            Version = version,
        };
        BundleWriter.Write(target, bundle.Graph, manifest, catalogue, catalogueBytes, replace: false, [.. Others(source, bundle.Manifest)]);
        Tables.Print(console, manifest.Metrics, manifest.Operating);
        Tables.PrintWarning(console, PaymentsWithoutRate.Warning(withoutRate.ByCurrency));
        parsed.InvocationConfiguration.Output.WriteLine(target);
        return ExitCode.Success;
    }

    private static ModelManifest Find(
        ModelBundle bundle, string log, FeatureCatalogue catalogue, ExchangeRates rates, PaymentsWithoutRate withoutRate,
        long labelHorizonMs, DecisionCosts costs, RunProgress run, CancellationToken cancellation)
    {
        var book = run.Run("Read labels", () => LabelBook.Create(withoutRate.Watch(EventLogReader.Read(log))));
        var split = Lineage.SplitOf(bundle.Manifest.Lineage);
        var history = run.Run("Replay payments", book.Payments, progress =>
            ReplayedHistory.Replay(log, catalogue, rates, labelHorizonMs, book, split, progress, cancellation));
        using var graph = new BatchedGraph(bundle);
        var thresholds = run.Run("Find thresholds", () => FoundThresholds.Find(
            Score(graph, history.Later), history.Later.Labels, history.LaterPayments, costs, catalogue.ReferenceCurrency));
        return bundle.Manifest with
        {
            Files = [],
            Thresholds = thresholds.Plan,
            Costs = costs,
            Operating = thresholds.Operate(Score(graph, history.Test), history.Test.Labels, history.TestPayments),
            DerivedFrom = new BundleReference(bundle.Manifest.Model, bundle.Manifest.Version, bundle.Hash),
        };
    }

    private static double[] Score(BatchedGraph graph, TrainingMatrix rows) => graph.Run(rows.Rows, row => rows.Row(row).ToArray());

    /// <summary>The files that are copied unchanged.</summary>
    private static IEnumerable<(string Name, byte[] Bytes)> Others(string source, ModelManifest manifest) => manifest.Files.Keys
        .Except([ModelManifest.GraphFileName, ModelManifest.CardFileName, ModelManifest.CatalogueFileName])
        .Select(name => (name, File.ReadAllBytes(Path.Combine(source, name))));
}
