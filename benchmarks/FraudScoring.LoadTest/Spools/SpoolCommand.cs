using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest.Spools;

/// <summary>The command "spool": measures what the spool costs per payment, and how fast a backlog drains.</summary>
internal static class SpoolCommand
{
    public static Command Create()
    {
        var redis = new Option<string>("--redis")
        {
            Description = "Address of Redis, as host:port.", DefaultValueFactory = _ => "localhost:6379",
        };
        var kafka = new Option<string>("--kafka")
        {
            Description = "Address of Kafka, as host:port.", DefaultValueFactory = _ => "localhost:9092",
        };
        var rounds = NumberOption.Whole("--rounds", "Rounds; in each, every mode gets one block of payments.", 9);
        var seconds = NumberOption.Whole("--seconds", "Length of a block, in seconds.", 4);
        var rate = NumberOption.Whole("--rate", "Payments per second.", 500);
        var warmUp = NumberOption.Whole("--warm-up", "How long each service warms up at that rate before measuring, in seconds.", 20);
        var backlog = NumberOption.Whole("--backlog", "Decisions in the spool that is drained.", 300_000);
        var command = new Command("spool", "Measure what the spool costs per payment, mode by mode, and how fast a backlog drains.")
        {
            redis, kafka, rounds, seconds, rate, warmUp, backlog,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new SpoolSettings(
                parsed.GetValue(redis)!, parsed.GetValue(kafka)!, parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(rate),
                parsed.GetValue(warmUp), parsed.GetValue(backlog));
            var result = await SpoolRun.MeasureAsync(settings, AnsiConsole.Console, cancellationToken);
            result.Show(AnsiConsole.Console);
            return 0;
        });
        return command;
    }
}
