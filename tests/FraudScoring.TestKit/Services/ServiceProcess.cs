using System.Globalization;
using FraudScoring.Server.Hosting;
using Grpc.Net.Client;

namespace FraudScoring.TestKit.Services;

/// <summary>The service in a process of its own, which can be killed: started from the program that is built beside this one.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const string RuntimeMetrics = "system_runtime_dotnet_";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly List<string> _settings;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly TextWriter? _output;
    private readonly List<string> _log = [];
    private readonly HttpClient _http;
    private ServerProcess? _process;
    private int _starts;

    private ServiceProcess(
        string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment, TextWriter? output)
    {
        var port = Ports.Free(2);
        (_name, _environment, _output) = (name, environment, output);
        _settings = [.. settings.Select(setting => $"--{setting.Key}={setting.Value}")];
        _settings.AddRange(["--Listen:Address=127.0.0.1", $"--Listen:GrpcPort={port}", $"--Listen:HttpPort={port + 1}"]);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port + 1}") };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        Scoring = new V1.ScoringService.ScoringServiceClient(Channel);
    }

    /// <summary>Calls go here.</summary>
    public GrpcChannel Channel { get; }

    public V1.ScoringService.ScoringServiceClient Scoring { get; }

    /// <summary>What its Kafka clients are called: another name after each start.</summary>
    public string ClientId => string.Create(CultureInfo.InvariantCulture, $"{_name}-{_starts}");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Memory it holds.</summary>
    public double ResidentMiB => _process!.ResidentBytes / 1048576.0;

    /// <summary>The last lines of each of its processes.</summary>
    public string Log => string.Join('\n', _process is null ? _log : _log.Append(_process.Output));

    /// <summary>Starts the service and waits until it answers.</summary>
    /// <param name="name">What its Kafka clients' names begin with.</param>
    /// <param name="settings">Options by "Section:Option"; ports are chosen here.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <param name="output">Where the log goes when the service is disposed of; null for nowhere.</param>
    public static async Task<ServiceProcess> StartNewAsync(
        string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment = null,
        TextWriter? output = null)
    {
        var service = new ServiceProcess(name, settings, environment, output);
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

    /// <summary>Starts a stopped or killed service again, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        _starts++;
        _process = ServerProcess.Start(
            "dotnet", AppContext.BaseDirectory, [typeof(Wiring).Assembly.Location, .. _settings, $"--Kafka:ClientId={ClientId}"],
            _environment);
        await _process.UntilReadyAsync(AnswersAsync, ReadyLimit);
    }

    /// <summary>Ends the service as a crash would (SIGKILL).</summary>
    public Task KillAsync() => EndAsync(process => process.KillAsync());

    /// <summary>Stops the service as an operator would (SIGTERM).</summary>
    public Task StopAsync() => EndAsync(process => process.StopAsync());

    /// <summary>Takes the processor from the service (SIGSTOP).</summary>
    public void Freeze() => _process!.Freeze();

    /// <summary>Lets a frozen service go on.</summary>
    public void Thaw() => _process!.Thaw();

    /// <summary>Its metrics, as Prometheus reads them.</summary>
    public Task<string> MetricsAsync(CancellationToken cancellationToken = default) =>
        _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);

    /// <summary>The sum of a metric's samples over their labels, since the process began.</summary>
    public async Task<double> MetricAsync(string name) => PrometheusText.Sum(await MetricsAsync(), name);

    /// <summary>What it has done since the process began.</summary>
    public async Task<ServiceReading> ReadAsync(CancellationToken cancellationToken)
    {
        var metrics = await MetricsAsync(cancellationToken);
        return new ServiceReading(
            _process!.ProcessorTime, TimeSpan.FromSeconds(PrometheusText.Sum(metrics, RuntimeMetrics + "gc_pause_time")),
            PrometheusText.Sum(metrics, RuntimeMetrics + "gc_heap_total_allocated"));
    }

    /// <summary>Ends the service at once, and writes its log where the starter wanted it.</summary>
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
        _log.Add(process.Output);
        _process = null;
        await end(process);
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
