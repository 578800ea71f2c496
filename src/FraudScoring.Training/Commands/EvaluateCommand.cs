using System.CommandLine;
using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Inputs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary>
/// <c>evaluate</c>: replays an event log and scores its payments with a bundle, as the server would; or trains and tests on the log by
/// a published protocol.
/// </summary>
internal sealed class EvaluateCommand(IAnsiConsole console)
{
    private readonly Option<FileInfo> _log = new("--log") { Description = "Event log to replay.", Required = true };

    private readonly Option<DirectoryInfo> _models = new("--models")
    {
        Description = "Models folder; its features.json is used.", DefaultValueFactory = _ => new DirectoryInfo("models"),
    };

    private readonly Option<DirectoryInfo?> _bundle = new("--bundle") { Description = "Bundle folder, such as models/payments/1." };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "First day to score (UTC), such as 2018-07-16. Earlier payments only build history.",
    };

    private readonly Option<FileInfo?> _scores = new("--scores")
    {
        Description = "Also write each payment's probability and label to this CSV file.",
    };

    private readonly Option<FileInfo?> _rates = new("--rates") { Description = RatesFile.Description };

    private readonly Option<int> _horizon = LabelHorizon.CreateOption();

    private readonly Option<double> _mature = MatureShare.CreateOption();

    private readonly HandbookOptions _handbook = new();

    public static Command Create(IAnsiConsole console)
    {
        var evaluate = new EvaluateCommand(console);
        const string description =
            "Score the payments of an event log with a bundle and report the quality, or train and test on it by a published protocol.";
        var command = new Command("evaluate", description)
        {
            evaluate._log, evaluate._models, evaluate._bundle, evaluate._from, evaluate._scores, evaluate._rates,
            evaluate._horizon, evaluate._mature,
        };
        evaluate._handbook.AddTo(
            command, evaluate._models, evaluate._bundle, evaluate._from, evaluate._scores, evaluate._rates, evaluate._horizon,
            evaluate._mature);
        command.Validators.Add(result =>
        {
            if (!evaluate._handbook.IsGiven(result) && result.ValueOf(evaluate._bundle) is null)
            {
                result.AddError("--bundle is required (such as models/payments/1), unless --protocol is given.");
            }
            if (result.GetValue(evaluate._from) is { } from && !TryParseDay(from, out _))
            {
                result.AddError("--from must be a date such as 2018-07-16.");
            }
        });
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => evaluate.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var log = parsed.GetRequiredValue(_log).FullName;
        if (_handbook.IsGiven(parsed.CommandResult))
        {
            return new HandbookRun(console, log, _handbook.Parse(parsed)).Run(cancellation);
        }
        var models = parsed.GetRequiredValue(_models).FullName;
        var catalogue = CatalogueFile.Load(models);
        var rates = RatesFile.Load(parsed.GetValue(_rates)?.FullName, models, catalogue);
        var faults = new Faults();
        var bundle = ModelBundle.Load(parsed.GetValue(_bundle)!.FullName, catalogue, faults);
        using var ensemble = bundle is null ? null : Ensemble.Load(bundle, catalogue.Features.Count, faults);
        if (ensemble is null)
        {
            throw new InvalidDataException(faults.ToLines());
        }
        var fromMs = TryParseDay(parsed.GetValue(_from) ?? "", out var from) ? from.ToUnixTimeMilliseconds() : 0;
        var horizonMs = LabelHorizon.ReadMs(parsed, _horizon);
        var withoutRate = new PaymentsWithoutRate(rates);
        var (scored, maturity) = Bars.Show(console, run =>
        {
            var book = run.Run("Read labels", () => LabelBook.Create(withoutRate.Watch(EventLogReader.Read(log))));
            var mature = LabelMaturity.Estimate(book, parsed.GetRequiredValue(_mature));
            return (run.Run("Score payments", book.Payments, progress => ScoredHistory.Score(
                log, catalogue, rates, horizonMs, book, ensemble, fromMs, mature, progress, cancellation)), mature);
        });
        if (parsed.GetValue(_scores) is { } scores)
        {
            scored.Write(scores.FullName);
        }
        var byRates = ThresholdChooser.Choose(scored.Probabilities, scored.Labels, ThresholdChooser.UsualRates);
        var operating = new OperatingTable(bundle!.Manifest.Thresholds, bundle.Manifest.Costs, byRates, catalogue.ReferenceCurrency);
        Tables.Print(console, ModelEvaluation.Create(scored.Probabilities, scored.Labels, scored.Payments).Metrics,
            operating.Rows(scored.Probabilities, scored.Labels, scored.Payments));
        Tables.PrintWarning(console, PaymentsWithoutRate.Warning(withoutRate.ByCurrency));
        parsed.InvocationConfiguration.Output.WriteLine(maturity.Describe());
        return ExitCode.Success;
    }

    private static bool TryParseDay(string text, out DateTimeOffset day) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out day);
}
