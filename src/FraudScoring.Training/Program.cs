using System.CommandLine;
using FraudScoring.Training.Commands;
using Spectre.Console;

var root = new RootCommand("Simulates payments, trains fraud models on event logs, evaluates them, and documents their features.")
{
    SimulateCommand.Create(AnsiConsole.Console, TimeProvider.System),
    TrainCommand.Create(AnsiConsole.Console),
    EvaluateCommand.Create(AnsiConsole.Console),
    FeaturesCommand.Create(AnsiConsole.Console),
    KeysCommand.Create(),
};
foreach (var command in SealCommand.Create(TimeProvider.System))
{
    root.Add(command);
}
return await root.Parse(args).InvokeAsync();
