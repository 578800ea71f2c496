using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FraudScoring.Server.Commands;
using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>The demo's command line: the whole service under simulated payments, with a live view.</summary>
internal static class DemoCommand
{
    private static readonly DemoOptions Defaults = new();

    /// <summary>Parses the command line and runs the demo.</summary>
    public static Task<int> RunAsync(string[] args, IAnsiConsole console, TimeProvider time) =>
        // The service itself shuts down in order on Ctrl-C and SIGTERM, and takes the time it needs.
        Create(console, time).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

    /// <param name="console">Where the demo is shown.</param>
    /// <param name="time">The clock.</param>
    public static RootCommand Create(IAnsiConsole console, TimeProvider time)
    {
        var duration = new Option<TimeSpan?>("--duration")
        {
            Description = "How long to score payments, such as 60s or 2m. Default: until Ctrl-C or the end of the simulated days.",
            CustomParser = ParseDuration,
        };
        var rate = Number("--rate", "Payments per second.", Defaults.Rate, 1, 20_000);
        var customers = Number("--customers", "Simulated customers; more customers take longer to load.", Defaults.Customers, 50, 20_000);
        var seed = Number("--seed", "The same seed gives the same payments.", (int)Defaults.Seed, 0, int.MaxValue);
        var settings = ServerCommand.SettingsArgument();
        var command = new RootCommand("Start the service, send it simulated payments, and show what it catches.")
        {
            settings, duration, rate, customers, seed,
        };
        command.SetAction((parsed, _) => ServerCommand.ReportAsync(parsed, () =>
        {
            var options = Defaults with
            {
                Duration = parsed.GetValue(duration),
                Rate = parsed.GetRequiredValue(rate),
                Customers = parsed.GetRequiredValue(customers),
                Seed = (ulong)parsed.GetRequiredValue(seed),
            };
            return new DemoRun(options, parsed.GetRequiredValue(settings), console, time).RunAsync();
        }));
        return command;
    }

    private static TimeSpan? ParseDuration(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (DurationText.TryParse(text, out var duration))
        {
            return duration;
        }
        argument.AddError($"--duration cannot be '{text}'; use at most 24h, such as 90s, 2m or 1h.");
        return null;
    }

    private static Option<int> Number(string name, string description, int value, int least, int most) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }
            var range = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
            argument.AddError($"{name} cannot be '{text}'; give a whole number from {range}.");
            return value;
        },
    };
}
