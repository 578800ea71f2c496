using FraudScoring.Demo;
using FraudScoring.Server.Scoring;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using Spectre.Console.Rendering;
using Status = Grpc.Core.Status;
using StatusCode = Grpc.Core.StatusCode;

namespace FraudScoring.Tests.Demo;

/// <summary>Sample readings and their console output.</summary>
internal static class Readings
{
    /// <summary>An empty reading, or one with large numbers, long texts and every kind of failure.</summary>
    public static LiveReading Create(bool crowded) => new()
    {
        Board = crowded ? Crowded() : new Scoreboard().TakeReading(),
        Elapsed = TimeSpan.FromMinutes(crowded ? 100 : 0),
        Duration = crowded ? TimeSpan.FromMinutes(120) : null,
        PerSecond = crowded ? 20_000 : 0,
        Simulated = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Transactions = crowded ? (9_999_999, 9_999_999) : default,
        Labels = crowded ? (999_999, 999_999) : default,
        Delivered = crowded ? 9_999_999 : 0,
        LastLog = crowded ? new LogLine(LogLevel.Warning, "A line\nwith [markup] and " + new string('x', 300)) : null,
    };

    /// <summary>The console output line by line, without trailing spaces.</summary>
    public static string[] Lines(IRenderable renderable, int width)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        console.Write(renderable);
        return [.. writer.ToString().TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
    }

    private static ScoreboardReading Crowded()
    {
        var board = new Scoreboard();
        board.CountFailure(new Status(StatusCode.DeadlineExceeded, "too late"));
        for (var i = 0; i < 60; i++)
        {
            var response = new ScoreResponse
            {
                Assessment = new Assessment
                {
                    Decision = Decision.Decline, FraudProbability = 1, Degradation = Degradation.MissingFeatures,
                    Degradations = { Degradation.MissingFeatures },
                },
                StageTimes = { ScoringStages.Names.Select(name => new StageTime { Stage = name, Micros = 5_000_000 }) },
            };
            var reason = new Reason { Code = "CARD_VELOCITY", Text = "The card was used [very] often" };
            response.Assessment.Reasons.Add(Enumerable.Repeat(reason, 4));
            var payment = new Payment { Amount = "123456.78", Currency = "EUR", EventTime = new Timestamp { Seconds = 1_770_000_000 } };
            board.Count(payment, (FraudScenario)(i % 7), response, TimeSpan.FromSeconds(5));
        }
        var reading = board.TakeReading();
        return reading with
        {
            Decisions = [.. reading.Decisions.Select(decision => decision with { Count = 1_234_567 })],
            Scenarios = [.. reading.Scenarios.Select(scenario => scenario with { Payments = 123_456, Flagged = 61_728 })],
        };
    }
}
