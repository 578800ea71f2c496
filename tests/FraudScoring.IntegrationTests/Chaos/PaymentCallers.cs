using System.Collections.Concurrent;
using System.Globalization;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.IntegrationTests.Chaos;

/// <summary>
/// Scores payments at a constant rate, also while the service is down. Each caller has cards of its own and scores one payment at a time,
/// so that the order of a card's decisions is known.
/// </summary>
internal sealed class PaymentCallers : IAsyncDisposable
{
    public const int Callers = 16;

    private readonly ScoringService.ScoringServiceClient _scoring;
    private readonly ConcurrentQueue<Assessment> _answered = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _callers;
    private int _refused;

    public PaymentCallers(ScoringService.ScoringServiceClient scoring, int perSecond)
    {
        _scoring = scoring;
        var pause = TimeSpan.FromSeconds((double)Callers / perSecond);
        _callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller, pause)))];
    }

    /// <summary>The answers so far, in no particular order.</summary>
    public IReadOnlyList<Assessment> Answered => [.. _answered];

    /// <summary>Payments without an answer so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Number of a payment among those of its card.</summary>
    public static int NumberOf(string transactionId) =>
        int.Parse(transactionId.AsSpan(transactionId.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

    /// <summary>Waits until this many more payments are answered.</summary>
    public async Task UntilMoreAsync(int count)
    {
        var goal = _answered.Count + count;
        await Eventually.IsTrueAsync(() => _answered.Count >= goal);
    }

    /// <summary>Ends the calls. Safe to call twice.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task CallAsync(int caller, TimeSpan pause)
    {
        using var timer = new PeriodicTimer(pause);
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var card = string.Create(CultureInfo.InvariantCulture, $"card-{caller}-{number % 5}");
            var payment = ServiceUnderTest.NewPayment(string.Create(CultureInfo.InvariantCulture, $"{card}-{number}"), card);
            try
            {
                var answer = await _scoring.ScoreAsync(
                    new ScoreRequest { Payment = payment }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1));
                _answered.Enqueue(answer.Assessment);
            }
            catch (RpcException)
            {
                // The service is down or refuses: the payment has no answer, so no record is owed.
                Interlocked.Increment(ref _refused);
            }
            await timer.WaitForNextTickAsync();
        }
    }
}
