using FraudScoring.Training.Commands;
using Spectre.Console;

return await TrainerCommand.Create(AnsiConsole.Console, TimeProvider.System).Parse(args).InvokeAsync();
