using System.Globalization;
using FraudScoring.Server.Hosting;
using Grpc.Net.Client;

namespace FraudScoring.TestKit.Services;

/// <summary>The service in a separate process that can be killed. It runs the program built next to this one.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const string RuntimeMetrics = "system_runtime_dotnet_";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly List<string> _settings;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly TextWriter? _output;
    private readonly string? _processors;
    private readonly List<string> _log = [];
    private readonly HttpClient _http;
    private ServerProcess? _process;
    private int _starts;

    private ServiceProcess(
        string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment, TextWriter? output,
        string? processors)
    {
        GrpcPort = Ports.Free(2);
        HttpPort = GrpcPort + 1;
        (_name, _environment, _output, _processors) = (name, environment, output, processors);
        _settings = [.. settings.Select(setting => $"--{setting.Key}={setting.Value}")];
        _settings.AddRange(["--Listen:Address=127.0.0.1", $"--Listen:GrpcPort={GrpcPort}", $"--Listen:HttpPort={HttpPort}"]);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{GrpcPort}", RetryingChannel.Options);
        Scoring = new V1.ScoringService.ScoringServiceClient(Channel);
    }

    public int GrpcPort { get; }

    public int HttpPort { get; }

    /// <summary>The channel for calls to the service.</summary>
    public GrpcChannel Channel { get; }

    public V1.ScoringService.ScoringServiceClient Scoring { get; }

    /// <summary>The client id of its Kafka clients. It changes with each start.</summary>
    public string ClientId => string.Create(CultureInfo.InvariantCulture, $"{_name}-{_starts}");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The process's id.</summary>
    public int Id => _process!.Id;

    /// <summary>Memory used by the process.</summary>
    public double ResidentMiB => _process!.ResidentBytes / 1048576.0;

    /// <summary>The last lines of output of each process.</summary>
    public string Log => string.Join('\n', _process is null ? _log : _log.Append(_process.Output));

    /// <summary>Starts the service and waits until it responds.</summary>
    /// <param name="name">Prefix of the Kafka client ids.</param>
    /// <param name="settings">Options by "Section:Option". Ports are chosen here.</param>
    /// <param name="environment">Environment variables of the process.</param>
    /// <param name="output">Receives the log when the service is disposed. Null discards it.</param>
    /// <param name="processors">Processors that it may use, as taskset takes them. Null: those of this process.</param>
    public static async Task<ServiceProcess> StartNewAsync(
        string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment = null,
        TextWriter? output = null, string? processors = null)
    {
        var service = new ServiceProcess(name, settings, environment, output, processors);
        try
        {
            await service.StartAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts a stopped or killed service and waits until it responds.</summary>
    public async Task StartAsync()
    {
        _starts++;
        _process = ServerProcess.Start(
            "dotnet", AppContext.BaseDirectory, [typeof(Wiring).Assembly.Location, .. _settings, $"--Kafka:ClientId={ClientId}"],
            _environment, _processors);
        await _process.UntilReadyAsync(AnswersAsync, ReadyLimit);
    }

    /// <summary>Kills the service (SIGKILL), as a crash would.</summary>
    public Task KillAsync() => EndAsync(process => process.KillAsync());

    /// <summary>Stops the service (SIGTERM), as an operator would.</summary>
    public Task StopAsync() => EndAsync(process => process.StopAsync());

    /// <summary>Suspends the service (SIGSTOP).</summary>
    public void Freeze() => _process!.Freeze();

    /// <summary>Resumes a suspended service (SIGCONT).</summary>
    public void Thaw() => _process!.Thaw();

    /// <summary>The metrics in the Prometheus text format.</summary>
    public Task<string> MetricsAsync(CancellationToken cancellationToken = default) =>
        _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);

    /// <summary>Whether it is ready, and the body of /health/ready.</summary>
    public async Task<(bool IsReady, string Body)> ReadinessAsync()
    {
        using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return (answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The sum of a metric's samples over all label values, since the process started.</summary>
    public async Task<double> MetricAsync(string name) => PrometheusText.Sum(await MetricsAsync(), name);

    /// <summary>Resource usage since the process started.</summary>
    public async Task<ServiceReading> ReadAsync(CancellationToken cancellationToken)
    {
        var metrics = await MetricsAsync(cancellationToken);
        return new ServiceReading(
            _process!.ProcessorTime, TimeSpan.FromSeconds(PrometheusText.Sum(metrics, RuntimeMetrics + "gc_pause_time")),
            PrometheusText.Sum(metrics, RuntimeMetrics + "gc_heap_total_allocated"));
    }

    /// <summary>Kills the service immediately and writes its log to the output given at the start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_output is not null)
        {
            await _output.WriteLineAsync($"Service {_name}, started {_starts} times:\n{Log}");
        }
        _process?.Dispose();
        Channel.Dispose();
        _http.Dispose();
    }

    private async Task EndAsync(Func<ServerProcess, Task> end)
    {
        var process = _process!;
        _process = null;
        await end(process);
        _log.Add(process.Output);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
