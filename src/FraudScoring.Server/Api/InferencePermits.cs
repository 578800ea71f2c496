using System.Threading.RateLimiting;

namespace FraudScoring.Server.Api;

/// <summary>
/// Limits the concurrent runs of the Open Inference Protocol, so that a large batch for a user model cannot take every processor from
/// payments. Waiting requests get a permit in order of arrival.
/// </summary>
internal sealed class InferencePermits(ServingOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.MaxRuns > 0 ? options.MaxRuns : Math.Max(1, Environment.ProcessorCount / 2),
        QueueLimit = options.MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a permit, which lasts until it is disposed of.</summary>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED: Serving:MaxWaiting requests already wait.</exception>
    public async ValueTask<RateLimitLease> AcquireAsync(CancellationToken cancellationToken)
    {
        var permit = await _limiter.AcquireAsync(permitCount: 1, cancellationToken);
        return permit.IsAcquired ? permit : throw Refusal.Busy(options.MaxWaiting);
    }

    public void Dispose() => _limiter.Dispose();
}
