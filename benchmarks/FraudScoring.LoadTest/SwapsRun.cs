using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server;
using FraudScoring.Server.Api;
using FraudScoring.Server.Rollout;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using Channel = FraudScoring.V1.Channel;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace FraudScoring.LoadTest;

/// <summary>What to measure.</summary>
/// <param name="Swaps">How often the champion is replaced.</param>
/// <param name="Rate">Payments per second.</param>
/// <param name="PauseMs">From one replacement to the next.</param>
/// <param name="Models">Models that are loaded beside the champion.</param>
internal sealed record SwapsSettings(int Swaps, int Rate, int PauseMs, int Models);

/// <summary>
/// Starts the service with the embedded servers and a models folder of its own, asks it at a fixed rate, and meanwhile puts the champion's
/// bundle into force again and again under another version, by the registry file, as an operator would. Times with swaps and as long ones
/// without take turns, so that both meet the machine in the same mood.
/// </summary>
internal sealed class SwapsRun(SwapsSettings settings) : IAsyncDisposable
{
    private const int WarmSeconds = 15, Rounds = 10;
    private readonly string _folder = Directory.CreateTempSubdirectory("swaps-").FullName;
    private readonly ConcurrentDictionary<string, int> _versions = new();
    private WebApplication? _app;
    private GrpcChannel? _channel;

    /// <summary>Measures, and removes what it made.</summary>
    public static async Task<SwapsResult> MeasureAsync(SwapsSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        await using var run = new SwapsRun(settings);
        return await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(progress => run.MeasureAsync(progress, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<SwapsResult> MeasureAsync(ProgressContext progress, CancellationToken cancellationToken)
    {
        var load = progress.AddTask($"Loading {settings.Models + 1} models, and warming");
        var swap = progress.AddTask("Swapping, and steady in turn", maxValue: settings.Swaps);
        await StartAsync();
        var (steady, swapping) = (new SwapsPhase(), new SwapsPhase());
        await AskAsync(new SwapsPhase(), Task.Delay(TimeSpan.FromSeconds(WarmSeconds), cancellationToken), cancellationToken);
        load.Value = load.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var swaps = SwapAsync((round * settings.Swaps / Rounds) + 1, (round + 1) * settings.Swaps / Rounds, swap, cancellationToken);
            await AskAsync(swapping, swaps, cancellationToken);
            await AskAsync(steady, Task.Delay(Stopwatch.GetElapsedTime(start), cancellationToken), cancellationToken);
        }
        using var process = Process.GetCurrentProcess();
        return new SwapsResult(settings, steady, swapping, settings.Swaps, _versions.Count, process.WorkingSet64 / 1048576.0);
    }

    /// <summary>Open loop: request i is due at i / rate, however the service does, and its time counts from then.</summary>
    private async Task AskAsync(SwapsPhase phase, Task until, CancellationToken cancellationToken)
    {
        var client = new V1.ScoringService.ScoringServiceClient(_channel);
        var (start, asked, answers) = (Stopwatch.GetTimestamp(), 0, new List<Task>());
        while (!until.IsCompleted)
        {
            var due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * settings.Rate);
            for (; asked < due; asked++)
            {
                answers.Add(AskOneAsync(client, phase, asked, start + (long)(asked * (double)Stopwatch.Frequency / settings.Rate), cancellationToken));
            }
            await Task.Delay(1, cancellationToken);
        }
        await until;
        await Task.WhenAll(answers);
    }

    private async Task AskOneAsync(V1.ScoringService.ScoringServiceClient client, SwapsPhase phase, int number, long due, CancellationToken cancellationToken)
    {
        var isLost = true;
        try
        {
            var answer = await client.ScoreAsync(new ScoreRequest { Payment = Payment(number) }, cancellationToken: cancellationToken);
            isLost = answer.Assessment.Model.Length == 0;
            _versions.TryAdd(answer.Assessment.ModelVersion, 0);
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // Lost, and counted as such.
        }
        phase.Add(Stopwatch.GetElapsedTime(due), isLost);
    }

    private async Task SwapAsync(int first, int last, ProgressTask task, CancellationToken cancellationToken)
    {
        var watch = _app!.Services.GetRequiredService<ModelWatch>();
        for (var i = first; i <= last; i++)
        {
            Copy("payments", $"{i + 1}");
            Register($"{i + 1}");
            await QuietThread.RunAsync(watch.Look);
            Directory.Delete(Path.Combine(_folder, "payments", $"{i}"), recursive: true);
            task.Increment(1);
            await Task.Delay(settings.PauseMs, cancellationToken);
        }
    }

    private async Task StartAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models")))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }
        Copy("payments", "1");
        for (var i = 0; i < settings.Models; i++)
        {
            Copy($"beside-{i}", "1");
        }
        Register("1");
        _app = Wiring.Build([], new Dictionary<string, string?>
        {
            ["Listen:Address"] = "127.0.0.1", ["Listen:GrpcPort"] = "0", ["Listen:HttpPort"] = "0", ["Logging:LogLevel:Default"] = "Error",
            ["Scoring:ModelsFolder"] = _folder, ["Scoring:BudgetMs"] = "1000", ["Models:PollSeconds"] = "0",
        });
        await _app.StartAsync();
        _channel = GrpcChannel.ForAddress($"http://{ServerAddresses.Of(_app.Services.GetRequiredService<IServer>()).Grpc}");
    }

    private void Copy(string model, string version)
    {
        var target = Directory.CreateDirectory(Path.Combine(_folder, model, version)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "models", "payments", "1")))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
        var path = Path.Combine(target, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        (manifest["model"], manifest["version"]) = (model, version);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private void Register(string version)
    {
        var beside = Enumerable.Range(0, settings.Models).Select(i => new JsonObject { ["model"] = $"beside-{i}", ["version"] = "1" });
        var registry = new JsonObject
        {
            ["champion"] = new JsonObject { ["model"] = "payments", ["version"] = version }, ["models"] = new JsonArray([.. beside]),
        };
        var path = Path.Combine(_folder, ModelRegistry.FileName);
        File.WriteAllText(path + ".new", registry.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static Payment Payment(int number) => new()
    {
        TransactionId = $"swaps-{number}", EventTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), Amount = "49.90", Currency = "EUR",
        CardToken = $"card-{number % 997}", AccountToken = $"account-{number % 997}", DeviceToken = $"device-{number % 997}", IpAddress = "203.0.113.7",
        MerchantId = $"merchant-{number % 97}", MerchantCategory = "5732", Country = "DE", Channel = Channel.Ecommerce,
    };
}
