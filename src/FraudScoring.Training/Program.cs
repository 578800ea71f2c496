using System.CommandLine;
using FraudScoring.Training.Commands;
using Spectre.Console;

var root = new RootCommand("Simulates or imports payments, trains fraud models on event logs, evaluates and gates them, and documents their features.")
{
    SimulateCommand.Create(AnsiConsole.Console, TimeProvider.System),
    ImportCommand.Create(AnsiConsole.Console),
    TrainCommand.Create(AnsiConsole.Console, TimeProvider.System),
    ThresholdsCommand.Create(AnsiConsole.Console),
    RunsCommand.Create(AnsiConsole.Console),
    EvaluateCommand.Create(AnsiConsole.Console),
    GateCommand.Create(AnsiConsole.Console, TimeProvider.System),
    FeatureDocumentCommand.Create(AnsiConsole.Console),
    KeysCommand.Create(),
};
foreach (var command in SealCommand.Create(TimeProvider.System))
{
    root.Add(command);
}
return await root.Parse(args).InvokeAsync();
