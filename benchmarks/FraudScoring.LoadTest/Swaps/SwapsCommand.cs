using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>The command "swaps": measures the latency that callers see while models are replaced.</summary>
internal static class SwapsCommand
{
    public static Command Create()
    {
        var swaps = NumberOption.Whole("--swaps", "Number of times the champion is replaced.", 100);
        var block = NumberOption.Whole("--block", "Consecutive replacements before an equal time without any.", 5);
        var rate = NumberOption.Whole("--rate", "Payments per second.", 200);
        var models = NumberOption.Whole("--models", "Number of models loaded in addition to the champion.", 0, least: 0);
        var redis = new Option<string>("--redis")
        {
            Description = "Address of Redis, as host:port; the embedded one if not given.", DefaultValueFactory = _ => "",
        };
        var kafka = new Option<string>("--kafka")
        {
            Description = "Address of Kafka, as host:port; the embedded one if not given.", DefaultValueFactory = _ => "",
        };
        var command = new Command("swaps",
            "Measure latency under load while the champion is replaced, compared with an equal time without.")
        {
            swaps, block, rate, models, redis, kafka,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new SwapsSettings(
                parsed.GetValue(swaps), parsed.GetValue(block), parsed.GetValue(rate), parsed.GetValue(models),
                parsed.GetValue(redis)!, parsed.GetValue(kafka)!);
            var result = await SwapsRun.MeasureAsync(settings, AnsiConsole.Console, cancellationToken);
            result.Show(AnsiConsole.Console);
            return result.Lost == 0 ? 0 : 1;
        });
        return command;
    }
}
