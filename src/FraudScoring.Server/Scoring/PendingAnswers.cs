using System.Collections.Concurrent;

namespace FraudScoring.Server.Scoring;

/// <summary>The requests that this instance is scoring, by transaction id, so that concurrent ones of the same id share a run.</summary>
internal sealed class PendingAnswers
{
    private readonly ConcurrentDictionary<string, PendingAnswer> _pending = new(StringComparer.Ordinal);

    /// <summary>Registers a request, unless one of the same id is being scored.</summary>
    /// <returns>The request that is being scored; null if this one was registered.</returns>
    public PendingAnswer? FindOrBegin(string transactionId, PendingAnswer answer)
    {
        var pending = _pending.GetOrAdd(transactionId, answer);
        return pending == answer ? null : pending;
    }

    /// <summary>Ends a registered request. Those that wait without an answer score the payment themselves.</summary>
    public void End(string transactionId, PendingAnswer answer, V1.Assessment? assessment)
    {
        _pending.TryRemove(KeyValuePair.Create(transactionId, answer));
        answer.Complete(assessment);
    }
}

/// <summary>An answer that is being computed.</summary>
/// <param name="payment">The payment as received.</param>
/// <param name="model">Name and version of the requested model.</param>
internal sealed class PendingAnswer(V1.Payment payment, (string Name, string Version) model)
{
    // Created by the first request that waits: hardly any payment is sent twice at the same time.
    private TaskCompletionSource<V1.Assessment?>? _waiting;
    private V1.Assessment? _assessment;
    private int _isComplete;

    public V1.Payment Payment => payment;

    public (string Name, string Version) Model => model;

    /// <summary>Waits for the answer; null if there is none.</summary>
    /// <exception cref="TimeoutException">The answer was not there within the limit.</exception>
    public Task<V1.Assessment?> WaitAsync(TimeSpan limit, TimeProvider time)
    {
        var created = new TaskCompletionSource<V1.Assessment?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Interlocked.CompareExchange(ref _waiting, created, null) ?? created;
        if (Volatile.Read(ref _isComplete) != 0)
        {
            waiting.TrySetResult(_assessment);
        }
        return waiting.Task.WaitAsync(limit, time);
    }

    public void Complete(V1.Assessment? assessment)
    {
        _assessment = assessment;
        // A full fence: either this sees the request that waits, or that sees the answer.
        Interlocked.Exchange(ref _isComplete, 1);
        Volatile.Read(ref _waiting)?.TrySetResult(assessment);
    }
}
