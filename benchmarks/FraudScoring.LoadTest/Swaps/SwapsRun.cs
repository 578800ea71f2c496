using System.Diagnostics;
using FraudScoring.LoadTest.Scores;
using FraudScoring.TestKit.Services;
using Spectre.Console;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>Settings of a swaps run.</summary>
/// <param name="Swaps">Number of swaps of the champion.</param>
/// <param name="Block">Consecutive swaps before an equal time without any.</param>
/// <param name="Rate">Payments per second.</param>
/// <param name="Models">Number of models loaded in addition to the champion.</param>
/// <param name="Redis">Address of Redis; empty for the embedded one.</param>
/// <param name="Kafka">Address of Kafka; empty for the embedded one.</param>
internal sealed record SwapsSettings(int Swaps, int Block, int Rate, int Models, string Redis, string Kafka);

/// <summary>
/// Starts the service with its own models folder, sends payments at a fixed rate, and meanwhile promotes one version of the champion after
/// the other through registry.json, as an operator would. Blocks with and without swaps alternate, and so does their order within a pair,
/// so that changes in the machine's speed affect both equally.
/// </summary>
internal sealed class SwapsRun(SwapsSettings settings, ProgressContext progress, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const int WarmSeconds = 30;
    private static readonly TimeSpan SwapLimit = TimeSpan.FromSeconds(30);
    private readonly string _prefix = $"swaps-{Guid.NewGuid():N}"[..20];
    private readonly SwapFolder _folder = new(settings.Swaps + 1, settings.Models);
    private ServiceProcess? _service;
    private SteadyLoad? _load;
    private int _version = 1;

    /// <summary>Measures, then removes the keys and topics of the run.</summary>
    public static Task<SwapsResult> MeasureAsync(SwapsSettings settings, IAnsiConsole console, CancellationToken cancellationToken) =>
        console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                await using var run = new SwapsRun(settings, progress, cancellationToken);
                return await run.MeasureAsync();
            });

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _load?.Dispose();
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
        _folder.Dispose();
        if (settings.Redis.Length > 0)
        {
            await Leftovers.DeleteKeysAsync(settings.Redis, _prefix);
        }
        if (settings.Kafka.Length > 0)
        {
            await Leftovers.DeleteTopicsAsync(settings.Kafka, Topic("transactions"), Topic("labels"), Topic("decisions"));
        }
    }

    private async Task<SwapsResult> MeasureAsync()
    {
        var load = progress.AddTask($"Loading {settings.Models + 1} models and warming up");
        var bar = progress.AddTask("Swapping, and steady in turn", maxValue: settings.Swaps);
        _service = await ServiceProcess.StartNewAsync(_prefix, Options(), new Dictionary<string, string> { ["TMPDIR"] = _folder.Path });
        _load = new SteadyLoad(_service, settings.Rate);
        await _load.AskAsync(Task.Delay(TimeSpan.FromSeconds(WarmSeconds), cancellationToken), cancellationToken);
        load.Value = load.MaxValue;
        var (pairs, length) = (new List<SwapBlockPair>(), TimeSpan.FromSeconds(settings.Block));
        for (var done = 0; done < settings.Swaps;)
        {
            var swaps = Math.Min(settings.Block, settings.Swaps - done);
            var steadyFirst = pairs.Count % 2 == 1;
            var before = steadyFirst ? await BlockAsync(() => Task.Delay(length, cancellationToken)) : null;
            var swapping = await BlockAsync(() => SwapAsync(swaps, bar));
            length = swapping.Length;
            pairs.Add(new SwapBlockPair(before ?? await BlockAsync(() => Task.Delay(length, cancellationToken)), swapping));
            done += swaps;
        }
        return new SwapsResult(settings, pairs, _load.Versions, _service.ResidentMiB);
    }

    private async Task<SwapBlock> BlockAsync(Func<Task> until)
    {
        var (before, start) = (await _service!.ReadAsync(cancellationToken), Stopwatch.GetTimestamp());
        var load = await _load!.AskAsync(until(), cancellationToken);
        var length = Stopwatch.GetElapsedTime(start);
        return new SwapBlock(load, length, await _service.ReadAsync(cancellationToken) - before);
    }

    private async Task SwapAsync(int count, ProgressTask bar)
    {
        for (var i = 0; i < count; i++)
        {
            _version++;
            _folder.Register(_version);
            var limit = Task.Delay(SwapLimit, cancellationToken);
            while (!_load!.HasAnswered($"{_version}"))
            {
                if (limit.IsCompleted)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    throw new InvalidOperationException(
                        $"Version {_version} has not answered within {SwapLimit}. The service logged:\n{_service!.Log}");
                }
                await Task.Delay(5, cancellationToken);
            }
            bar.Increment(1);
        }
    }

    private Dictionary<string, string> Options() => new()
    {
        ["Scoring:ModelsFolder"] = _folder.Path, ["Models:PollSeconds"] = "1",
        ["Logging:LogLevel:Default"] = "Warning",
        ["Redis:Configuration"] = settings.Redis, ["Redis:EntityHashSecret"] = "load tests need no secret", ["Redis:KeyPrefix"] = _prefix,
        ["Kafka:BootstrapServers"] = settings.Kafka, ["Kafka:GroupId"] = _prefix, ["Kafka:TransactionsTopic"] = Topic("transactions"),
        ["Kafka:LabelsTopic"] = Topic("labels"), ["Kafka:DecisionsTopic"] = Topic("decisions"),
    };

    private string Topic(string name) => $"{_prefix}.{name}";
}
