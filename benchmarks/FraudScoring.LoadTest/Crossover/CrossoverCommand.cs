using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest.Crossover;

/// <summary>The command "crossover": runs ensembles of several sizes on every device, in batches of 1 to 4,096 rows.</summary>
internal static class CrossoverCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Folder for the tables and the chart.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("benchmarks", "results", ResultFolder.Name())),
        };
        var twin = new Option<bool>("--twin") { Description = "Also run the CUDA twins on the CPU (slow)." };
        var milliseconds = NumberOption.Whole("--milliseconds", "Time per cell of the table, in milliseconds.", 800);
        var command = new Command("crossover", "Measure the batch size at which a GPU becomes faster than the CPU.")
        {
            output, twin, milliseconds,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var devices = CrossoverDevices.Find(parsed.GetValue(twin), out var missing);
            var time = TimeSpan.FromMilliseconds(parsed.GetValue(milliseconds));
            var cells = CrossoverSweep.Measure(devices, time, AnsiConsole.Console, cancellationToken);
            var report = new CrossoverReport(cells, missing);
            Console.Out.WriteLine(report.Markdown());
            foreach (var path in report.WriteTo(parsed.GetValue(output)!.FullName))
            {
                Console.Out.WriteLine(path);
            }
            return 0;
        }, CancellationToken.None));
        return command;
    }
}
