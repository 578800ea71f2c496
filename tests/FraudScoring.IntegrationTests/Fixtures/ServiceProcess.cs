using System.Globalization;
using FraudScoring.Server.Hosting;
using Grpc.Net.Client;

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>The service in a process of its own, which can be killed: started from the program that is built beside the tests.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    private readonly string _name;
    private readonly List<string> _settings;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly List<string> _log = [];
    private readonly HttpClient _http;
    private readonly GrpcChannel _channel;
    private ServerProcess? _process;
    private int _starts;

    private ServiceProcess(string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment)
    {
        var port = Ports.Free(2);
        (_name, _environment) = (name, environment);
        _settings = [.. settings.Select(setting => $"--{setting.Key}={setting.Value}")];
        _settings.AddRange(["--Listen:Address=127.0.0.1", $"--Listen:GrpcPort={port}", $"--Listen:HttpPort={port + 1}"]);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port + 1}") };
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        Scoring = new V1.ScoringService.ScoringServiceClient(_channel);
    }

    public V1.ScoringService.ScoringServiceClient Scoring { get; }

    /// <summary>What its Kafka clients are called: another name after each start.</summary>
    public string ClientId => string.Create(CultureInfo.InvariantCulture, $"{_name}-{_starts}");

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The last lines of each of its processes.</summary>
    public string Log => string.Join('\n', _process is null ? _log : _log.Append(_process.Output));

    /// <summary>Starts the service and waits until it answers.</summary>
    /// <param name="name">What its Kafka clients' names begin with.</param>
    /// <param name="settings">Options by "Section:Option"; ports are chosen here.</param>
    /// <param name="environment">Variables of its environment.</param>
    public static async Task<ServiceProcess> StartNewAsync(
        string name, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment = null)
    {
        var service = new ServiceProcess(name, settings, environment);
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

    /// <summary>The sum of a metric's samples over their labels, since the process began.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await _http.GetStringAsync("/metrics");
        return text.Split('\n').Where(line => line.Split('{', ' ')[0] == name)
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends the service. Its log goes to the test's output, which is shown when the test has failed.</summary>
    public async ValueTask DisposeAsync()
    {
        await TestContext.Out.WriteLineAsync($"Service {_name}, started {_starts} times:\n{Log}");
        _process?.Dispose();
        _channel.Dispose();
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
