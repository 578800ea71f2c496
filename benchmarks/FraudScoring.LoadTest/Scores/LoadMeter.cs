namespace FraudScoring.LoadTest.Scores;

/// <summary>Runs loads on a service and measures them.</summary>
/// <param name="service">The service.</param>
/// <param name="scenario">The scenario that the measurements belong to.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class LoadMeter(ScoredService service, string scenario, CancellationToken cancellationToken)
{
    /// <summary>Deadline of a payment: the product's time budget.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);

    // Callers of the closed loops that find the peak.
    private static readonly int[] PeakCallers = [8, 16, 32, 64];
    private const double LeastGain = 1.05;

    // The warm-up ends after as many blocks without a gain.
    private const int SteadyWarmUps = 6, MostWarmUps = 40;
    private static readonly TimeSpan WarmUpLength = TimeSpan.FromSeconds(5);

    /// <summary>Every measurement.</summary>
    public List<Measurement> Measurements { get; } = [];

    /// <summary>The requests of the next payments.</summary>
    public Func<byte[]> Requests(bool isExplained = false) => () => service.Traffic.Payment(service.Traffic.TakeNumber(), isExplained);

    /// <summary>A load on the service.</summary>
    public Task<Measurement> ServiceAsync(string name, ICaller caller, Func<LoadGenerator, Task<Tally>> load, bool isExplained = false) =>
        ServiceAsync(name, new LoadGenerator(caller, Requests(isExplained), Deadline), load);

    /// <summary>A load on the service.</summary>
    public async Task<Measurement> ServiceAsync(string name, LoadGenerator generator, Func<LoadGenerator, Task<Tally>> load)
    {
        var metrics = await service.Process.MetricsAsync(cancellationToken);
        var reading = await service.Process.ReadAsync(cancellationToken);
        var measured = await MeasureAsync(name, service.Processors, () => load(generator));
        var used = await service.Process.ReadAsync(cancellationToken) - reading;
        var view = ServiceView.Between(metrics, await service.Process.MetricsAsync(cancellationToken));
        return Add(measured with { AllocatedBytes = used.Allocated, View = view });
    }

    /// <summary>A load on the floor.</summary>
    public async Task<Measurement> FloorAsync(string name, ICaller caller, Func<LoadGenerator, Task<Tally>> load)
    {
        var generator = new LoadGenerator(caller, () => FloorCall.Message, Deadline);
        return Add(await MeasureAsync(name, service.FloorProcessors, () => load(generator)));
    }

    /// <summary>
    /// Makes calls that are not measured, until the service no longer gets faster: on one processor its code is compiled for the last time
    /// only after a minute or more.
    /// </summary>
    public async Task WarmUpAsync(ICaller caller, int callers, double seconds)
    {
        var load = new LoadGenerator(caller, Requests(), Deadline);
        await load.ClosedAsync(callers, TimeSpan.FromSeconds(seconds), cancellationToken);
        var (best, steady) = (0L, 0);
        for (var i = 0; i < MostWarmUps && steady < SteadyWarmUps; i++)
        {
            var good = (await load.ClosedAsync(callers, WarmUpLength, cancellationToken)).Good;
            steady = good < best * LeastGain ? steady + 1 : 0;
            best = Math.Max(best, good);
        }
    }

    /// <summary>The most payments per second that a closed loop gets scored.</summary>
    public async Task<Measurement> PeakAsync(ICaller caller, TimeSpan length)
    {
        Measurement? best = null;
        foreach (var callers in PeakCallers)
        {
            var next = await ServiceAsync(
                $"closed loop, {callers} callers", caller, load => load.ClosedAsync(callers, length, cancellationToken));
            best = best?.GoodPerSecond > next.GoodPerSecond ? best : next;
        }
        return best!;
    }

    private async Task<Measurement> MeasureAsync(string name, Func<ProcessorTimes> processors, Func<Task<Tally>> load)
    {
        var before = processors();
        var tally = await load();
        return new Measurement(scenario, name, tally, processors() - before, double.NaN, null);
    }

    private Measurement Add(Measurement measurement)
    {
        Measurements.Add(measurement);
        return measurement;
    }
}
