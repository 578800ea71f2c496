namespace FraudScoring.Server.Api;

/// <summary>
/// Runs of the Open Inference Protocol, a few at a time: a large batch of somebody's model must not take all processors from payments.
/// </summary>
internal sealed class InferenceSlots(ServingOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.MaxRuns > 0 ? options.MaxRuns : Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>Waits for a slot, in order; to be given back with <see cref="Leave"/>.</summary>
    /// <exception cref="Grpc.Core.RpcException">Too many wait.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (_free.Wait(0, CancellationToken.None))
        {
            return;
        }
        try
        {
            if (Interlocked.Increment(ref _waiting) > options.MaxWaiting)
            {
                throw Refusal.Busy(options.MaxWaiting);
            }
            await _free.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Leave() => _free.Release();

    public void Dispose() => _free.Dispose();
}
