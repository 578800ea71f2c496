using System.Diagnostics;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Sends payments to a service, in an open or a closed loop.</summary>
/// <param name="caller">Sends the requests.</param>
/// <param name="next">Makes the next request.</param>
/// <param name="deadline">Deadline of a payment.</param>
internal sealed class LoadGenerator(ICaller caller, Func<byte[]> next, TimeSpan deadline)
{
    private static readonly TimeSpan LastAnswersLimit = TimeSpan.FromSeconds(2);
    private int _pending;

    /// <summary>How often a payment that is refused or late is sent again, without a pause.</summary>
    public int Retries { get; init; }

    /// <summary>
    /// Open loop: each payment is sent when it is due, whatever became of those before, and its latency counts from then. A dedicated thread
    /// sends them, so that a busy thread pool delays no payment; whatever delays this thread is part of the latency.
    /// </summary>
    public async Task<Tally> OpenAsync(IReadOnlyList<Phase> phases, int seed, CancellationToken cancellationToken)
    {
        var tally = new Tally(deadline, phases.Sum(phase => phase.Seconds));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.Factory.StartNew(
            () => Send(tally, Arrivals.Poisson(phases, seed), ending.Token), cancellationToken, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        ending.CancelAfter(LastAnswersLimit);
        while (Volatile.Read(ref _pending) > 0)
        {
            await Task.Delay(10, cancellationToken);
        }
        return tally;
    }

    /// <summary>Closed loop: each caller sends its next payment when it has the answer to the last one.</summary>
    public async Task<Tally> ClosedAsync(int callers, TimeSpan length, CancellationToken cancellationToken)
    {
        var tally = new Tally(deadline, length.TotalSeconds);
        var end = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < end && !cancellationToken.IsCancellationRequested)
            {
                await AskAsync(tally, Stopwatch.GetTimestamp(), cancellationToken);
            }
        }, cancellationToken)));
        return tally;
    }

    private void Send(Tally tally, IEnumerable<double> arrivals, CancellationToken cancellationToken)
    {
        PreciseSleep.Sharpen();
        var start = Stopwatch.GetTimestamp();
        foreach (var seconds in arrivals)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            var due = start + (long)(seconds * Stopwatch.Frequency);
            PreciseSleep.Until(due);
            Interlocked.Increment(ref _pending);
            _ = AskPendingAsync(tally, due, cancellationToken);
        }
    }

    private async Task AskPendingAsync(Tally tally, long due, CancellationToken cancellationToken)
    {
        await AskAsync(tally, due, cancellationToken);
        Interlocked.Decrement(ref _pending);
    }

    private async Task AskAsync(Tally tally, long arrived, CancellationToken cancellationToken)
    {
        var (request, due) = (next(), arrived);
        for (var left = Retries; ; left--)
        {
            var sent = Stopwatch.GetTimestamp();
            var answer = await caller.CallAsync(request, cancellationToken);
            if (left == 0 || tally.IsGood(due, answer) || cancellationToken.IsCancellationRequested)
            {
                tally.Record(arrived, due, sent, answer);
                return;
            }
            tally.RecordRetried();
            // The caller of a retry waits for it as long as for the first call.
            due = Stopwatch.GetTimestamp();
        }
    }
}
