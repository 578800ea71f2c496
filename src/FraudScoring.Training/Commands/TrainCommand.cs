using System.CommandLine;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Runs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>train</c>: trains an ensemble on an event log, writes its bundle and records the run.</summary>
internal sealed class TrainCommand(IAnsiConsole console, TimeProvider time)
{
    private readonly TrainOptions _options = new();

    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var train = new TrainCommand(console, time);
        const string description =
            "Train an ensemble on an event log, check the exported graphs against the trainer, and write the bundle.";
        var command = new Command("train", description);
        train._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => train.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var request = _options.ToRequest(parsed);
        var outcome = Bars.Show(console, progress => new TrainingRun(request, time, progress).Run(cancellation));
        Tables.Print(console, outcome.Manifest.Metrics, outcome.Manifest.Operating);
        Tables.Print(console, outcome.Choice);
        Tables.Print(console, outcome.Members);
        QualityTables.PrintWarnings(console, outcome.Quality);
        var output = parsed.InvocationConfiguration.Output;
        output.WriteLine(outcome.Manifest.Lineage.LabelMaturity);
        output.WriteLine($"SHA-256 of {ModelManifest.GraphFileName}: {outcome.GraphHash}");
        output.WriteLine($"Run {outcome.Record.Id} in {request.Runs}");
        output.WriteLine(request.Folder);
        return ExitCode.Success;
    }
}
