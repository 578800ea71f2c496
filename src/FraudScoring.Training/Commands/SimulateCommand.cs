using System.CommandLine;
using FraudScoring.Simulation;
using FraudScoring.Training.Datasets;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>simulate</c>: writes an event log of simulated payments and labels.</summary>
internal sealed class SimulateCommand(IAnsiConsole console, TimeProvider time)
{
    private readonly SimulateOptions _options = new();

    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var simulate = new SimulateCommand(console, time);
        var command = new Command("simulate", "Simulate payments, frauds and labels, and write them to an event log.");
        simulate._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => simulate.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        SimulationOptions options = _options.Parse(parsed);
        string path = parsed.GetRequiredValue(_options.Out).FullName;
        try
        {
            long start = time.GetTimestamp();
            SimulationSummary summary = WithProgress(options, onDay =>
                SimulatedLog.Write(options, path, parsed.GetValue(_options.Scenarios)?.FullName, onDay, cancellation));
            Print(summary, time.GetElapsedTime(start));
            parsed.InvocationConfiguration.Output.WriteLine($"SHA-256 {summary.Hash}");
            parsed.InvocationConfiguration.Output.WriteLine(path);
            return ExitCode.Success;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"Cannot write: {error.Message}");
            return ExitCode.Failure;
        }
    }

    private SimulationSummary WithProgress(SimulationOptions options, Func<Action<int, long>, SimulationSummary> write) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("Simulating", maxValue: options.Days);
                return write((days, payments) =>
                {
                    task.Value = days;
                    task.Description = FormattableString.Invariant($"Simulated {payments:#,0} payments");
                });
            });

    private void Print(SimulationSummary summary, TimeSpan elapsed)
    {
        var table = new Table().AddColumn("").AddColumn(new TableColumn("").RightAligned()).HideHeaders();
        Row("payments", summary.Payments);
        Row("frauds", summary.Frauds);
        foreach (FraudScenario scenario in Enum.GetValues<FraudScenario>().Where(s => s != FraudScenario.None))
        {
            Row($"  {scenario}", summary.ByScenario[(int)scenario]);
        }
        table.AddRow("fraud rate", FormattableString.Invariant($"{100.0 * summary.Frauds / Math.Max(1, summary.Payments):0.000} %"));
        Row("labels", summary.Labels);
        Row("payments/s", (long)(summary.Payments / elapsed.TotalSeconds));
        table.AddRow("file size", FormattableString.Invariant($"{summary.Bytes / 1e6:#,0.0} MB"));
        console.Write(table);

        void Row(string name, long value) => table.AddRow(name, FormattableString.Invariant($"{value:#,0}"));
    }
}
