using FraudScoring.Demo;
using Spectre.Console;

return await DemoCommand.RunAsync(args, AnsiConsole.Console, TimeProvider.System);
