using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FraudScoring.Server.Hosting;
using Grpc.Net.Client;

namespace FraudScoring.LoadTest;

/// <summary>What a service has done.</summary>
/// <param name="Processor">Processor time it has had.</param>
/// <param name="Paused">For how long all its threads stood still while it collected what it no longer uses.</param>
/// <param name="Allocated">Bytes it has allocated.</param>
internal sealed record ServiceReading(TimeSpan Processor, TimeSpan Paused, double Allocated)
{
    /// <summary>What came between two readings.</summary>
    public static ServiceReading operator -(ServiceReading after, ServiceReading before) =>
        new(after.Processor - before.Processor, after.Paused - before.Paused, after.Allocated - before.Allocated);
}

/// <summary>The service in a process of its own, so that what asks it takes none of its threads, and its memory and time are its own.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const int LinesKept = 20;
    private const string RuntimeMetrics = "system_runtime_dotnet_";
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly HttpClient _http;

    private ServiceProcess(IReadOnlyDictionary<string, string> settings, string temporary)
    {
        var ports = FreePorts();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports.Http}") };
        Channel = GrpcChannel.ForAddress($"http://127.0.0.1:{ports.Grpc}");
        string[] listen = ["--Listen:Address=127.0.0.1", $"--Listen:GrpcPort={ports.Grpc}", $"--Listen:HttpPort={ports.Http}"];
        var start = new ProcessStartInfo("dotnet", [typeof(Wiring).Assembly.Location, .. listen, .. settings.Select(one => $"--{one.Key}={one.Value}")])
        {
            WorkingDirectory = AppContext.BaseDirectory, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What it leaves there goes with the models.
        start.Environment["TMPDIR"] = temporary;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>Calls go here.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>Memory it holds.</summary>
    public double ResidentMiB => Look(process => process.WorkingSet64) / 1048576.0;

    /// <summary>What it said last.</summary>
    public string LastLines
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Starts it, and waits until it is ready.</summary>
    /// <param name="settings">Options by "Section:Option"; ports are chosen here.</param>
    /// <param name="temporary">Folder for its temporary files.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It ended, or is not ready in time; its last lines are in the message.</exception>
    public static async Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string> settings, string temporary, CancellationToken cancellationToken)
    {
        var service = new ServiceProcess(settings, temporary);
        try
        {
            service._process.Start();
            service._process.BeginOutputReadLine();
            service._process.BeginErrorReadLine();
            await service.ReadyAsync(cancellationToken);
            return service;
        }
        catch
        {
            service.Dispose();
            throw;
        }
    }

    /// <summary>Its metrics, as Prometheus reads them.</summary>
    public Task<string> MetricsAsync(CancellationToken cancellationToken) => _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);

    /// <summary>What it has done since it began.</summary>
    public async Task<ServiceReading> ReadAsync(CancellationToken cancellationToken)
    {
        var metrics = (await MetricsAsync(cancellationToken)).Split('\n')
            .Where(line => line.StartsWith(RuntimeMetrics, StringComparison.Ordinal)).Select(line => line.Split(' '))
            .ToLookup(sample => sample[0].Split('{')[0][RuntimeMetrics.Length..], sample => double.Parse(sample[1], CultureInfo.InvariantCulture));
        return new ServiceReading(
            Look(process => process.TotalProcessorTime), TimeSpan.FromSeconds(metrics["gc_pause_time"].Sum()), metrics["gc_heap_total_allocated"].Sum());
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Channel.Dispose();
        _http.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); !await AnswersAsync(cancellationToken); await Task.Delay(50, cancellationToken))
        {
            if (_process.HasExited || clock.Elapsed > ReadyLimit)
            {
                throw new InvalidOperationException($"The service {(_process.HasExited ? "ended" : "is not ready")}; it said:\n{LastLines}");
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private T Look<T>(Func<Process, T> what)
    {
        _process.Refresh();
        return what(_process);
    }

    private void Keep(string? line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line ?? "");
            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }
    }

    private static (int Grpc, int Http) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
