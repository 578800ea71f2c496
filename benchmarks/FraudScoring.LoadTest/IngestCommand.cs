using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest;

/// <summary>The command "ingest": measures how fast the event log becomes features, while catching up and at a fixed rate.</summary>
internal static class IngestCommand
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
        var events = NumberOption.Whole("--events", "Number of events in the log when the service starts.", 300_000);
        var rate = NumberOption.Whole("--rate", "Events per second after catching up.", 5_000);
        var seconds = NumberOption.Whole("--seconds", "How long to measure at that rate, in seconds.", 30);
        var warmUp = NumberOption.Whole("--warm-up", "How long to warm up at that rate before measuring, in seconds.", 10, least: 0);
        var partitions = NumberOption.Whole("--partitions", "Partitions of the topic.", 8);
        var command = new Command("ingest", "Measure how fast transaction events become features: catching up, then at a fixed rate.")
        {
            redis, kafka, events, rate, warmUp, seconds, partitions,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new IngestSettings(
                parsed.GetValue(redis)!, parsed.GetValue(kafka)!, parsed.GetValue(events), parsed.GetValue(rate), parsed.GetValue(warmUp),
                parsed.GetValue(seconds), parsed.GetValue(partitions));
            var result = await IngestRun.MeasureAsync(settings, AnsiConsole.Console, cancellationToken);
            result.Show(AnsiConsole.Console);
            return 0;
        });
        return command;
    }
}
