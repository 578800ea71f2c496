using System.CommandLine;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>The command "score": what scoring costs, how fast it is, and what becomes of it under more load than it can take.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var load = new LoadOptions();
        var scenarios = new Option<Scenario[]>("--scenario")
        {
            Description = "What to measure: pairs (service and floor in turn), open (open loop at a moderate rate), overload (up to three "
                + "times the peak), tail (open loops with disturbances). Several are separated by commas.",
            DefaultValueFactory = _ => Enum.GetValues<Scenario>(),
            CustomParser = LoadOptions.ParseScenarios,
        };
        var pairs = NumberOption.Whole("--pairs", "Pairs of service and floor.", 7, least: 7);
        var block = NumberOption.Whole("--block", "Length of each block of a pair, in seconds.", 5);
        var callers = NumberOption.Whole("--callers", "Concurrent callers of the blocks that measure throughput.", 32);
        var rate = NumberOption.Rate(
            "--rate", "Payments per second of the open loop and of the tail. 0: 30 % of the peak for the open loop, 500 for the tail.", 0);
        var seconds = NumberOption.Whole("--seconds", "Length of the open loop, in seconds.", 300);
        var events = NumberOption.Rate("--event-rate", "Events per second of the open loop. Default: the payments' rate.", null);
        var labels = NumberOption.Rate("--label-rate", "Labels per second of the open loop. Default: 1 % of the payments' rate.", null);
        var overload = NumberOption.Whole("--overload-seconds", "Length of each load of the overload, in seconds.", 20);
        var tail = NumberOption.Whole("--tail-seconds", "Length of each load of the tail, in seconds.", 20);
        var delay = NumberOption.Whole(
            "--redis-delay", "Delay of Redis in one more load of the overload, in milliseconds; 0 for none. Needs toxiproxy-server.", 0,
            least: 0);
        var check = new Option<bool>("--check")
        {
            Description = "Fail if a ratio of the pairs is over its limit in budgets.json.",
        };
        var output = LoadOptions.Output("score");
        var command = new Command("score", "Measure latency, throughput and cost of scoring, and its behaviour under overload.")
        {
            scenarios, pairs, block, callers, rate, seconds, events, labels, overload, tail, delay, check, output,
        };
        load.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) => await new ScoreRun(
            new ScoreSettings
            {
                Load = load.Read(parsed), Scenarios = parsed.GetValue(scenarios)!, Pairs = parsed.GetValue(pairs),
                Block = parsed.GetValue(block), Callers = parsed.GetValue(callers), Rate = parsed.GetValue(rate) ?? 0,
                Seconds = parsed.GetValue(seconds), EventRate = parsed.GetValue(events), LabelRate = parsed.GetValue(labels),
                OverloadSeconds = parsed.GetValue(overload), TailSeconds = parsed.GetValue(tail),
                RedisDelayMs = parsed.GetValue(delay),
                IsChecked = parsed.GetValue(check), Output = parsed.GetValue(output)!,
            },
            AnsiConsole.Console, cancellationToken).RunAsync());
        return command;
    }
}
