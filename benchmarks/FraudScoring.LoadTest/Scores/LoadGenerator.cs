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
    /// Open loop: each payment is sent when it is due, whatever became of those before, and its latency counts from then. A dedicated
    /// thread sends them, so that a busy thread pool delays no payment; whatever delays this thread is part of the latency.
    /// </summary>
    public Task<Tally> OpenAsync(IReadOnlyList<Phase> phases, int seed, CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource().Task;
        var tally = new Tally(deadline, phases.Sum(phase => phase.Seconds));
        return OpenAsync(tally, Arrivals.Poisson(phases, seed), never, cancellationToken);
    }

    /// <summary>Open loop with equal gaps, until a task ends.</summary>
    public async Task<Tally> OpenUntilAsync(double rate, Task until, CancellationToken cancellationToken)
    {
        var tally = await OpenAsync(new Tally(deadline, seconds: 0), Arrivals.Even(rate), until, cancellationToken);
        await until;
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

    private async Task<Tally> OpenAsync(Tally tally, IEnumerable<double> arrivals, Task until, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.Factory.StartNew(
            () => Send(tally, arrivals, until, ending.Token), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        ending.CancelAfter(LastAnswersLimit);
        while (Volatile.Read(ref _pending) > 0)
        {
            await Task.Delay(10, cancellationToken);
        }
        return tally;
    }

    private void Send(Tally tally, IEnumerable<double> arrivals, Task until, CancellationToken cancellationToken)
    {
        PreciseSleep.Sharpen();
        var start = Stopwatch.GetTimestamp();
        foreach (var seconds in arrivals)
        {
            if (until.IsCompleted || cancellationToken.IsCancellationRequested)
            {
                return;
            }
            var due = start + (long)(seconds * Stopwatch.Frequency);
            PreciseSleep.Until(due);
            if (Stopwatch.GetElapsedTime(due) > deadline)
            {
                // This machine is behind. A caller would not send it any more.
                tally.Record(due, due, due, new Answer(Outcome.Expired));
                continue;
            }
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
