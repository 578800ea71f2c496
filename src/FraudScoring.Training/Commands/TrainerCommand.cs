using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

internal static class TrainerCommand
{
    public static RootCommand Create(IAnsiConsole console, TimeProvider time)
    {
        var root = new RootCommand(
            "Simulates or imports payments; trains, evaluates, gates and seals fraud models; documents their features.")
        {
            SimulateCommand.Create(console, time),
            ImportCommand.Create(console, time),
            TrainCommand.Create(console, time),
            ThresholdsCommand.Create(console),
            RunsCommand.Create(console),
            EvaluateCommand.Create(console),
            GateCommand.Create(console, time),
            FeatureDocumentCommand.Create(console),
            KeysCommand.Create(),
        };
        foreach (var command in SealCommand.Create(time))
        {
            root.Add(command);
        }
        return root;
    }
}
