using FraudScoring.TestKit.Budgets;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// The service and the floor in turn, in short blocks that are neighbours in time. The order changes from pair to pair. Ratios of a pair do
/// not depend on the speed of the machine, as long as it does not change within a pair.
/// </summary>
internal sealed class PairsScenario(ScoreSettings settings, ProgressContext progress, CancellationToken cancellationToken)
{
    private const string Name = "pairs";

    public async Task<ScenarioResult> MeasureAsync()
    {
        await using var service = await ScoredService.StartAsync(settings.Load, processors: null, progress, cancellationToken);
        var port = await service.StartFloorAsync();
        using var ours = service.Caller(LoadMeter.Deadline);
        using var refused = service.RefusedCaller(LoadMeter.Deadline);
        using var floor = service.FloorCaller(port, LoadMeter.Deadline);
        var (meter, warm) = (new LoadMeter(service, Name, cancellationToken), TimeSpan.FromSeconds(settings.Load.WarmUp / 2.0));
        var bar = progress.AddTask("Pairs of service and floor", maxValue: settings.Pairs + 1);
        await meter.WarmUpAsync(ours, settings.Callers, settings.Load.WarmUp / 2.0);
        await new LoadGenerator(ours, meter.Requests(isExplained: true), LoadMeter.Deadline).ClosedAsync(1, warm, cancellationToken);
        await new LoadGenerator(refused, meter.Requests(), LoadMeter.Deadline).ClosedAsync(settings.Callers, warm, cancellationToken);
        await new LoadGenerator(floor, () => FloorCall.Message, LoadMeter.Deadline).ClosedAsync(settings.Callers, warm, cancellationToken);
        bar.Increment(1);
        var pairs = new List<Pair>();
        for (; pairs.Count < settings.Pairs; bar.Increment(1))
        {
            var blocks = Blocks(meter, ours, refused, floor, pairs.Count % 2 == 1);
            var measured = new Dictionary<Block, Measurement>();
            foreach (var (block, measureAsync) in blocks)
            {
                measured[block] = await measureAsync();
            }
            pairs.Add(new Pair(
                measured[Block.One], measured[Block.Explained], measured[Block.FloorOne], measured[Block.Many], measured[Block.Refused],
                measured[Block.FloorMany]));
        }
        return Report(pairs, meter.Measurements, service.Traffic.FraudShare);
    }

    private (Block, Func<Task<Measurement>>)[] Blocks(
        LoadMeter meter, ICaller ours, ICaller refused, ICaller floor, bool isFloorFirst)
    {
        var length = TimeSpan.FromSeconds(settings.Block);
        Task<Tally> One(LoadGenerator load) => load.ClosedAsync(1, length, cancellationToken);
        Task<Tally> Many(LoadGenerator load) => load.ClosedAsync(settings.Callers, length, cancellationToken);
        (Block, Func<Task<Measurement>>)[] blocks =
        [
            (Block.One, () => meter.ServiceAsync("service, 1 caller", ours, One)),
            (Block.FloorOne, () => meter.FloorAsync("floor, 1 caller", floor, One)),
            (Block.Explained, () => meter.ServiceAsync("service, 1 caller, explained", ours, One, isExplained: true)),
            (Block.Many, () => meter.ServiceAsync($"service, {settings.Callers} callers", ours, Many)),
            (Block.Refused, () => meter.ServiceAsync($"service, {settings.Callers} callers, refused", refused, Many)),
            (Block.FloorMany, () => meter.FloorAsync($"floor, {settings.Callers} callers", floor, Many)),
        ];
        return isFloorFirst ? [.. blocks.Reverse()] : blocks;
    }

    private ScenarioResult Report(List<Pair> pairs, List<Measurement> measurements, double frauds)
    {
        var ratios = new ResultTable("service / floor", "median", "95 % interval, from", "to", "service, median", "floor, median");
        var result = new ScenarioResult(Name, MeasurementFile.Csv(measurements));
        PairedRatio Compare(string name, Func<Pair, double> ours, Func<Pair, double> floor)
        {
            var values = pairs.ConvertAll(pair => ours(pair) / floor(pair));
            var (low, high) = PairedRatios.Interval(values);
            result.Ratios.Add(new PairedRatio(name, PairedRatios.Median(values), low, high));
            return result.Ratios[^1];
        }
        double Median(Func<Pair, double> of) => PairedRatios.Median(pairs.ConvertAll(pair => of(pair)));
        void Add(string name, Func<Pair, double> ours, Func<Pair, double> floor)
        {
            var ratio = Compare(name, ours, floor);
            ratios.Add(name, ratio.Median, ratio.Low, ratio.High, Median(ours), Median(floor));
        }
        Add("p50, 1 caller, ms", pair => pair.One.Tally.PercentileMs(50), pair => pair.FloorOne.Tally.PercentileMs(50));
        Add("p50, 1 caller, explained, ms", pair => pair.Explained.Tally.PercentileMs(50), pair => pair.FloorOne.Tally.PercentileMs(50));
        Add($"throughput, {settings.Callers} callers, per s", pair => pair.Many.GoodPerSecond, pair => pair.FloorMany.GoodPerSecond);
        Add("CPU of the service per payment, 1 caller, µs", pair => Service(pair.One), pair => Service(pair.FloorOne));
        Add($"CPU of the service per payment, {settings.Callers} callers, µs", pair => Service(pair.Many), pair => Service(pair.FloorMany));
        Add("CPU of Redis per payment, 1 caller, µs", pair => Redis(pair.One), pair => Redis(pair.FloorOne));
        Add($"CPU of Redis per payment, {settings.Callers} callers, µs", pair => Redis(pair.Many), pair => Redis(pair.FloorMany));
        static double Refusal(Pair pair) => pair.Refused.MicrosPerRefusal;
        static double Answer(Pair pair) => Service(pair.Many) + Redis(pair.Many) + pair.Many.MicrosPerPayment(time => time.Kafka);
        var refusal = Compare("CPU of a refusal, by that of an answer", Refusal, Answer);
        var others = new ResultTable(
            "per payment, median of the blocks", "CPU of Kafka, µs", "CPU of the client, µs", "allocated by the service, bytes");
        var scored = measurements.Where(one => one.Tally.Good > 0).ToList();
        foreach (var block in scored.GroupBy(one => one.Name).OrderBy(block => block.Key))
        {
            double Of(Func<Measurement, double> of) => PairedRatios.Median([.. block.Select(of)]);
            others.Add(
                block.Key, Of(one => one.MicrosPerPayment(time => time.Kafka)),
                Of(one => one.MicrosPerPayment(time => time.Client)), Of(one => one.AllocatedPerPayment));
        }
        var reviewed = PairedRatios.Median(pairs.ConvertAll(pair => pair.Many.Tally.NotApprovedShare));
        var lost = scored.Sum(one => one.Tally.Offered - one.Tally.Good);
        return result
            .With(
                $"{pairs.Count} pairs, blocks of {settings.Block} s; intervals by bootstrap over the pairs.",
                $"{frauds:P2} of the payments are frauds; {reviewed:P2} were to be reviewed, challenged or declined.")
            .With(ratios).With(others)
            .With(
                $"Not scored within {LoadMeter.Deadline.TotalMilliseconds} ms:",
                $"{lost} of {scored.Sum(one => one.Tally.Offered):#,0} calls.")
            .With(
                $"A payment that is refused on arrival takes {Median(Refusal):0.0} µs of the service. One that is scored takes",
                $"{Median(Answer):0} µs of service, Redis and Kafka: {refusal.Median:P1} of it (95 % interval {refusal.Low:P1} to {refusal.High:P1}).");
    }

    private static double Service(Measurement measurement) => measurement.MicrosPerPayment(time => time.Service);

    private static double Redis(Measurement measurement) => measurement.MicrosPerPayment(time => time.Redis);

    private enum Block
    {
        One,
        Explained,
        FloorOne,
        Many,
        Refused,
        FloorMany,
    }

    private sealed record Pair(
        Measurement One, Measurement Explained, Measurement FloorOne, Measurement Many, Measurement Refused, Measurement FloorMany);
}
