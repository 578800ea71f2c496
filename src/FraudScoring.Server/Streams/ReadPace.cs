namespace FraudScoring.Server.Streams;

/// <summary>Limits how fast records are read. Time that was not used is not made up for.</summary>
internal sealed class ReadPace(int recordsPerSecond, TimeProvider time)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly int _most = Math.Max(1, (int)(recordsPerSecond * Step.TotalSeconds));
    private long _startedAt = time.GetTimestamp();
    private int _taken;

    /// <summary>Counts a record, and waits if it is the last one of its step and the step's time is not over.</summary>
    public Task TakeAsync(CancellationToken stop) => ++_taken < _most ? Task.CompletedTask : EndAsync(stop);

    private async Task EndAsync(CancellationToken stop)
    {
        var left = Step - time.GetElapsedTime(_startedAt);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, stop);
        }
        (_taken, _startedAt) = (0, time.GetTimestamp());
    }
}
