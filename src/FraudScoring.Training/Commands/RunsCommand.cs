using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Runs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>runs list</c> and <c>runs compare</c>: which models were trained, on which data, and their quality.</summary>
internal sealed class RunsCommand(IAnsiConsole console)
{
    private readonly Option<FileInfo> _log = new("--runs")
    {
        Description = "Run log, which train writes next to the event log.",
        DefaultValueFactory = _ => new FileInfo(Path.Combine("data", RunLog.FileName)),
    };

    private readonly Option<int> _last = new("--last") { Description = "Number of latest runs to show.", DefaultValueFactory = _ => 20 };

    private readonly Argument<string> _first = new("first") { Description = "Id of a run, or the beginning of one." };

    private readonly Argument<string> _second = new("second") { Description = "Id of another run, or the beginning of one." };

    public static Command Create(IAnsiConsole console)
    {
        var runs = new RunsCommand(console);
        runs._last.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--last must be at least 1.");
            }
        });
        var list = new Command("list", "List the latest runs, newest last.") { runs._log, runs._last };
        list.SetAction(parsed => Failures.Report(parsed, () => runs.List(parsed)));
        var compare = new Command("compare", "Compare two runs: the differences in what they used, and their metrics.")
        {
            runs._first, runs._second, runs._log,
        };
        compare.SetAction(parsed => Failures.Report(parsed, () => runs.Compare(parsed)));
        return new Command("runs", "Inspect the recorded runs of train.") { list, compare };
    }

    private int List(ParseResult parsed)
    {
        var records = LoadRecords(parsed);
        console.Write(RunTables.CreateList([.. records.TakeLast(parsed.GetRequiredValue(_last))]));
        return ExitCode.Success;
    }

    private int Compare(ParseResult parsed)
    {
        var records = LoadRecords(parsed);
        var first = RunLog.Find(records, parsed.GetRequiredValue(_first));
        var second = RunLog.Find(records, parsed.GetRequiredValue(_second));
        console.Write(RunTables.CreateComparison(first, second));
        return ExitCode.Success;
    }

    private IReadOnlyList<RunRecord> LoadRecords(ParseResult parsed)
    {
        var faults = new Faults();
        var records = RunLog.Load(parsed.GetRequiredValue(_log).FullName, faults);
        foreach (var fault in faults)
        {
            parsed.InvocationConfiguration.Error.WriteLine(fault.ToString());
        }
        return records;
    }
}
