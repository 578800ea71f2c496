using Polly;
using Polly.Retry;

namespace FraudScoring.Server.Resilience;

/// <summary>
/// Retries without a limit of attempts, for writes that must not be lost and may be repeated. After a cancellation the pipeline throws
/// <see cref="OperationCanceledException"/>, whatever the attempt failed with.
/// </summary>
internal static class EndlessRetry
{
    /// <summary>Builds a retry pipeline whose pauses double after each failed attempt.</summary>
    /// <param name="time">The clock that the pauses use.</param>
    /// <param name="first">The first pause.</param>
    /// <param name="longest">The cap of the pauses.</param>
    /// <param name="isTransient">Whether to retry after an exception; every other exception is rethrown.</param>
    /// <param name="onRetry">Called before each pause with the exception, the number of failed attempts and the pause.</param>
    public static ResiliencePipeline Create<TException>(
        TimeProvider time, TimeSpan first, TimeSpan longest, Func<TException, bool> isTransient, Action<TException, int, TimeSpan> onRetry)
        where TException : Exception =>
        new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle(isTransient),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = first,
            MaxDelay = longest,
            OnRetry = retry =>
            {
                onRetry((TException)retry.Outcome.Exception!, retry.AttemptNumber + 1, retry.RetryDelay);
                return default;
            },
        }).Build();
}
