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
        var events = new Option<int>("--events")
        {
            Description = "Number of events in the log when the service starts.", DefaultValueFactory = _ => 300_000,
        };
        var rate = new Option<int>("--rate") { Description = "Events per second after catching up.", DefaultValueFactory = _ => 5_000 };
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long to measure at that rate, in seconds.", DefaultValueFactory = _ => 30,
        };
        var warmUp = new Option<int>("--warm-up")
        {
            Description = "How long to warm up at that rate before measuring, in seconds.", DefaultValueFactory = _ => 10,
        };
        var partitions = new Option<int>("--partitions") { Description = "Partitions of the topic.", DefaultValueFactory = _ => 8 };
        events.Validators.Add(result => RequireFrom(1, result, events));
        rate.Validators.Add(result => RequireFrom(1, result, rate));
        seconds.Validators.Add(result => RequireFrom(1, result, seconds));
        warmUp.Validators.Add(result => RequireFrom(0, result, warmUp));
        partitions.Validators.Add(result => RequireFrom(1, result, partitions));
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

    private static void RequireFrom(int least, System.CommandLine.Parsing.OptionResult result, Option<int> option)
    {
        if (result.Errors.Any() || result.GetValue(option) < least)
        {
            result.AddError($"{option.Name} must be a whole number from {least}.");
        }
    }
}
