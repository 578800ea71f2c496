using System.CommandLine;
using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.Training.Inputs;
using FraudScoring.Training.Reports;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>gate</c>: checks a bundle against every gate before its promotion, and writes the report.</summary>
internal sealed class GateCommand(IAnsiConsole console, TimeProvider time)
{
    private readonly GateOptions _options = new();

    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var gate = new GateCommand(console, time);
        const string description = "Check a bundle against the limits of gates.json and the champion; report whether it may be promoted.";
        var command = new Command("gate", description);
        gate._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => gate.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var models = parsed.GetRequiredValue(_options.Models).FullName;
        var (settings, settingsHash) = ReadSettings(parsed.GetValue(_options.Settings)?.FullName ?? Path.Combine(models, "gates.json"));
        var waivers = _options.Waivers(parsed);
        var faults = new Faults();
        Waiver.Check(waivers, [.. GateNames.All(settings)], faults);
        if (faults.Count > 0)
        {
            throw new ArgumentException(faults.ToLines());
        }
        var catalogue = CatalogueFile.Load(models);
        using var challenger = Load(parsed.GetRequiredValue(_options.Challenger).FullName, catalogue);
        using var champion = parsed.GetValue(_options.Champion) is { } folder ? Load(folder.FullName, catalogue) : null;
        var inputs = new GateInputs(
            parsed.GetRequiredValue(_options.Log).FullName, FromMs(parsed, challenger, champion), catalogue,
            RatesFile.Load(parsed.GetValue(_options.Rates)?.FullName, models, catalogue), LabelHorizon.ReadMs(parsed, _options.Horizon),
            parsed.GetRequiredValue(_options.Mature), challenger, champion, settings, settingsHash, waivers);
        var report = Bars.Show(console, progress => new GateRun(inputs, time, progress).Run(cancellation));
        var target = parsed.GetRequiredValue(_options.Report).FullName;
        GateReportFiles.Write(report, target);
        Print(report);
        Tables.PrintWarning(console, PaymentsWithoutRate.Warning(inputs.WithoutRate.ByCurrency));
        parsed.InvocationConfiguration.Output.WriteLine(report.Period.Maturity.Describe());
        parsed.InvocationConfiguration.Output.WriteLine(Path.Combine(target, GateReportHtml.FileName));
        parsed.InvocationConfiguration.Output.WriteLine(Path.Combine(target, GateReportJson.FileName));
        return report.Passed ? ExitCode.Success : ExitCode.GatesFailed;
    }

    private static (GateSettings Settings, string Hash) ReadSettings(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return (InputFile.Parse<GateSettings>(path, bytes, GateSettingsReader.Parse), ContentHash.Compute(bytes));
    }

    private static Ensemble Load(string folder, FeatureCatalogue catalogue)
    {
        var faults = new Faults();
        var bundle = ModelBundle.Load(folder, catalogue, faults);
        var ensemble = bundle is null ? null : Ensemble.Load(bundle, catalogue.Features.Count, faults);
        return ensemble ?? throw new InvalidDataException(faults.ToLines());
    }

    private long FromMs(ParseResult parsed, Ensemble challenger, Ensemble? champion)
    {
        if (Days.TryParse(parsed.GetValue(_options.From), out var day))
        {
            return day * Days.Milliseconds;
        }
        var manifests = new[] { challenger, champion }.OfType<Ensemble>().Select(ensemble => ensemble.Bundle.Manifest);
        return PeriodGates.LearnedUntil(manifests) * Days.Milliseconds
            ?? throw new ArgumentException(
                $"a manifest lacks {PeriodGates.LabelsKnownBy} under lineage, so the first day to test on is unknown; set --from");
    }

    private void Print(GateReport report)
    {
        var table = new Table().AddColumn("gate").AddColumn(new TableColumn("value").RightAligned())
            .AddColumn(new TableColumn("limit").RightAligned()).AddColumn("status");
        foreach (var gate in report.Gates)
        {
            table.AddRow(new Text(gate.Name), new Text(Html.Number(gate.Value)),
                new Text($"{(gate.IsAtLeast ? "≥" : "≤")} {Html.Number(gate.Limit)}"),
                new Text(Word(gate.Status), new Style(Colour(gate.Status))));
        }
        console.Write(table);
        var counts = new[] { GateStatus.Passed, GateStatus.Failed, GateStatus.Waived, GateStatus.NotApplicable }
            .Select(status => string.Create(CultureInfo.InvariantCulture, $"{report.Count(status)} {Word(status)}"));
        console.WriteLine($"{string.Join(", ", counts)}.");
        console.WriteLine($"The bundle {(report.Passed ? "may" : "must not")} be promoted.");
    }

    private static string Word(GateStatus status) =>
        status == GateStatus.NotApplicable ? "not applicable" : status.ToString().ToLowerInvariant();

    private static Color Colour(GateStatus status) => status switch
    {
        GateStatus.Passed => Color.Green,
        GateStatus.Failed => Color.Red,
        GateStatus.Waived => Color.Yellow,
        _ => Color.Grey,
    };
}
