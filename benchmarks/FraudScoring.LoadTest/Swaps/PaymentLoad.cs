using System.Collections.Concurrent;
using System.Diagnostics;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Channel = FraudScoring.V1.Channel;

namespace FraudScoring.LoadTest.Swaps;

/// <summary>
/// Sends requests at a fixed rate, independent of the service (open loop). Request i is due at i / rate, and its latency counts from then.
/// A dedicated thread sends them, because its sleeps end within a millisecond; timers of the thread pool may be ten late.
/// </summary>
internal sealed class PaymentLoad(GrpcChannel channel, int rate)
{
    private readonly ScoringService.ScoringServiceClient _client = new(channel);
    private readonly ConcurrentDictionary<string, bool> _versions = new();
    private int _sent;

    /// <summary>Number of model versions that have answered.</summary>
    public int Versions => _versions.Count;

    /// <summary>Whether this version has answered.</summary>
    public bool HasAnswered(string version) => _versions.ContainsKey(version);

    /// <summary>Sends requests until a task ends, and waits for the answers.</summary>
    public async Task<SwapBlock> AskAsync(Task until, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = await Task.Factory.StartNew(
            () => Send(start, until, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await until;
        var answers = await Task.WhenAll(sent);
        return new SwapBlock(
            [.. answers.Select(answer => answer.Ms)], answers.Count(answer => answer.IsLost), answers.Count(answer => answer.IsIncomplete),
            Stopwatch.GetElapsedTime(start));
    }

    private List<Task<Answer>> Send(long start, Task until, CancellationToken cancellationToken)
    {
        var sent = new List<Task<Answer>>();
        for (var i = 0; !until.IsCompleted && !cancellationToken.IsCancellationRequested; i++)
        {
            var due = start + (long)(i * (double)Stopwatch.Frequency / rate);
            while (Stopwatch.GetTimestamp() < due)
            {
                cancellationToken.WaitHandle.WaitOne(
                    Math.Max(1, (int)Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due).TotalMilliseconds));
            }
            sent.Add(AskOneAsync(due, cancellationToken));
        }
        return sent;
    }

    private async Task<Answer> AskOneAsync(long due, CancellationToken cancellationToken)
    {
        try
        {
            var request = new ScoreRequest { Payment = Payment(Interlocked.Increment(ref _sent)) };
            var assessment = (await _client.ScoreAsync(request, cancellationToken: cancellationToken)).Assessment;
            var answer = new Answer(
                Stopwatch.GetElapsedTime(due).TotalMilliseconds, assessment.Model.Length == 0,
                assessment.Degradation == Degradation.MissingFeatures);
            _versions.TryAdd(assessment.ModelVersion, true);
            return answer;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(Stopwatch.GetElapsedTime(due).TotalMilliseconds, IsLost: true, IsIncomplete: false);
        }
    }

    private static Payment Payment(int number) => new()
    {
        TransactionId = $"load-{number}", EventTime = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), Amount = "49.90",
        Currency = "EUR",
        CardToken = $"card-{number % 997}", AccountToken = $"account-{number % 997}", DeviceToken = $"device-{number % 997}",
        IpAddress = "203.0.113.7",
        MerchantId = $"merchant-{number % 97}", MerchantCategory = "5732", Country = "DE", Channel = Channel.Ecommerce,
    };

    private readonly record struct Answer(double Ms, bool IsLost, bool IsIncomplete);
}
