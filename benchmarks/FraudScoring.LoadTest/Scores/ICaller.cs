namespace FraudScoring.LoadTest.Scores;

/// <summary>Sends requests to a service.</summary>
internal interface ICaller : IDisposable
{
    /// <summary>Sends a serialised request and waits for its answer. It throws nothing: what goes wrong is an outcome.</summary>
    Task<Answer> CallAsync(byte[] request, CancellationToken cancellationToken);
}
