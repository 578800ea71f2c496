using System.Globalization;
using System.Text;
using FraudScoring.TestKit.Services;
using Spectre.Console;

namespace FraudScoring.LoadTest.Scores;

/// <summary>What the service holds at the end of ten seconds of load.</summary>
/// <param name="Hours">Time since the start of the load.</param>
/// <param name="Offered">Payments that were due in these ten seconds.</param>
/// <param name="Good">Those that a model scored within the deadline.</param>
/// <param name="P99Ms">99th percentile of their latency, in milliseconds.</param>
/// <param name="ResidentMiB">Resident memory.</param>
/// <param name="HeapMiB">Managed heap after its last collection.</param>
/// <param name="Handles">Open handles.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ProfileBytes">Mean size of the profiles that were written in these ten seconds. The more history, the larger.</param>
internal sealed record SoakSample(
    double Hours, long Offered, long Good, double P99Ms, double ResidentMiB, double HeapMiB, double Handles, double Threads,
    double ProfileBytes);

/// <summary>An open loop with events and labels that lasts, and samples of what the service holds meanwhile.</summary>
internal static class SoakRun
{
    private const string Name = "soak";
    private const int SampleSeconds = 10, WarmUpCallers = 8;
    private const double LabelShare = 0.01, BytesPerMiB = 1048576;

    private static readonly (string Name, Func<SoakSample, double> Value)[] Series =
    [
        ("resident memory, MiB", sample => sample.ResidentMiB),
        ("managed heap, MiB", sample => sample.HeapMiB),
        ("handles", sample => sample.Handles),
        ("threads", sample => sample.Threads),
        ("p99, ms", sample => sample.P99Ms),
        ("profile, bytes", sample => sample.ProfileBytes),
    ];

    public static async Task<int> RunAsync(SoakSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        string[] missing = [.. LocalServers.Missing(settings.Load)];
        if (missing.Length > 0)
        {
            Array.ForEach(missing, Console.Error.WriteLine);
            return 1;
        }
        var samples = await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => MeasureAsync(settings, progress, cancellationToken));
        var result = Report(settings, samples);
        result.Show(console);
        var section = result.WriteTo(settings.Output.FullName);
        console.WriteLine(await RecordFile.WriteAsync(settings.Output, [section], cancellationToken));
        return 0;
    }

    private static async Task<List<SoakSample>> MeasureAsync(
        SoakSettings settings, ProgressContext progress, CancellationToken cancellationToken)
    {
        await using var service = await ScoredService.StartAsync(settings.Load, processors: null, progress, cancellationToken);
        using var caller = service.Caller(LoadMeter.Deadline);
        var count = settings.Minutes * 60 / SampleSeconds;
        var bar = progress.AddTask($"{settings.Minutes} minutes at {settings.Rate} payments/s", maxValue: count);
        var load = new LoadGenerator(caller, () => service.Traffic.Payment(service.Traffic.TakeNumber()), LoadMeter.Deadline);
        await load.ClosedAsync(WarmUpCallers, TimeSpan.FromSeconds(settings.Load.WarmUp), cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = new EventLoad(service, settings.Rate, settings.Rate * LabelShare).RunAsync(ending.Token);
        var samples = new List<SoakSample>();
        var before = await service.Process.MetricsAsync(cancellationToken);
        for (var i = 0; i < count; i++, bar.Increment(1))
        {
            var tally = await load.OpenAsync([new Phase(settings.Rate, SampleSeconds)], seed: i, cancellationToken);
            var metrics = await service.Process.MetricsAsync(cancellationToken);
            samples.Add(Read(before, metrics, (i + 1) * SampleSeconds / 3600.0, tally));
            before = metrics;
        }
        await ending.CancelAsync();
        await events;
        return samples;
    }

    private static SoakSample Read(string before, string metrics, double hours, Tally tally) => new(
        hours, tally.Offered, tally.Good, tally.PercentileMs(99),
        PrometheusText.Sum(metrics, "process_working_set_bytes") / BytesPerMiB,
        PrometheusText.Sum(metrics, "system_runtime_dotnet_gc_last_collection_heap_size") / BytesPerMiB,
        PrometheusText.Sum(metrics, "process_open_handles"), PrometheusText.Sum(metrics, "process_num_threads"),
        Increase("fraud_profile_bytes_sum", before, metrics) / Math.Max(Increase("fraud_profile_bytes_count", before, metrics), 1));

    private static double Increase(string name, string before, string metrics) =>
        PrometheusText.Sum(metrics, name) - PrometheusText.Sum(before, name);

    private static ScenarioResult Report(SoakSettings settings, List<SoakSample> samples)
    {
        var table = new ResultTable("service", "first", "last", "slope per hour", "95 % interval, from", "to");
        foreach (var (name, value) in Series)
        {
            var (slope, within) = LeastSquares.Slope([.. samples.Select(sample => (sample.Hours, value(sample)))]);
            table.Add(name, value(samples[0]), value(samples[^1]), slope, slope - within, slope + within);
        }
        var (offered, good) = (samples.Sum(sample => sample.Offered), samples.Sum(sample => sample.Good));
        var result = new ScenarioResult(Name, Csv(samples))
            .With(
                $"{settings.Minutes} minutes at {settings.Rate} payments/s with events and labels, a sample every {SampleSeconds} s.",
                $"Slopes by least squares.")
            .With(table)
            .With($"{good:#,0} of {offered:#,0} payments were scored within {LoadMeter.Deadline.TotalMilliseconds} ms.");
        foreach (var (place, (name, value)) in Series.Index())
        {
            var line = new ChartLine(name, [.. samples.Select(sample => (sample.Hours * 60, value(sample)))], place);
            result.WithChart(name.Split(',')[0].Replace(' ', '-'), LineChart.Svg(
                $"{char.ToUpperInvariant(name[0])}{name[1..]}", ChartAxis.Linear("minutes", settings.Minutes),
                ChartAxis.Linear(name, samples.Max(value)), [line]));
        }
        return result;
    }

    private static string Csv(List<SoakSample> samples)
    {
        var text = new StringBuilder("minutes,resident_mib,heap_mib,handles,threads,p99_ms,profile_bytes,scored,offered\n");
        foreach (var sample in samples)
        {
            text.Append(CultureInfo.InvariantCulture, $"{sample.Hours * 60:0.##},{sample.ResidentMiB:0.0},{sample.HeapMiB:0.0},");
            text.Append(CultureInfo.InvariantCulture, $"{sample.Handles},{sample.Threads},{sample.P99Ms:0.###},{sample.ProfileBytes:0},");
            text.Append(CultureInfo.InvariantCulture, $"{sample.Good},{sample.Offered}\n");
        }
        return text.ToString();
    }
}
