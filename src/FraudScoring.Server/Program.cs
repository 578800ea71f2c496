using FraudScoring.Server;
using Spectre.Console;

return await ServerCommand.RunAsync(args, AnsiConsole.Console, TimeProvider.System);
