using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Settings of the command soak.</summary>
/// <param name="Load">Servers and traffic.</param>
/// <param name="Minutes">Length in minutes.</param>
/// <param name="Rate">Payments per second.</param>
/// <param name="Output">Folder of the record.</param>
internal sealed record SoakSettings(LoadSettings Load, int Minutes, double Rate, DirectoryInfo Output);

/// <summary>The command "soak": whether memory, handles, threads or latency grow under a load that lasts.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        var load = new LoadOptions();
        var minutes = NumberOption.Whole("--minutes", "Length, in minutes.", 60);
        var rate = NumberOption.Whole("--rate", "Payments per second; as many events and 1 % as many labels are written.", 200);
        var output = LoadOptions.Output("soak");
        var command = new Command("soak", "Measure whether memory, handles, threads or latency grow under a load that lasts.")
        {
            minutes, rate, output,
        };
        load.AddTo(command);
        command.SetAction((parsed, cancellationToken) => SoakRun.RunAsync(
            new SoakSettings(load.Read(parsed), parsed.GetValue(minutes), parsed.GetValue(rate), parsed.GetValue(output)!),
            AnsiConsole.Console, cancellationToken));
        return command;
    }
}
