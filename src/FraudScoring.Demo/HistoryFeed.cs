using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;

namespace FraudScoring.Demo;

/// <summary>Writes the weeks before the first scored payment to the topics, no faster than the service applies them.</summary>
internal sealed class HistoryFeed(DemoSimulation simulation, EventPublisher publisher, StreamProgress progress, TimeProvider time)
{
    // The embedded broker keeps the newest 5 MB of a partition; this is about a tenth of it.
    private const int MostAhead = 10_000;
    private const int CheckEvery = 100;
    private const int KeptPayments = 300;
    private static readonly TimeSpan LongestStall = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Queue<V1.Payment> _newest = [];

    /// <summary>Approximate number of payments.</summary>
    public long Expected => Math.Max(simulation.HistoryPayments, publisher.Transactions);

    /// <summary>Payments that are in the profiles.</summary>
    public long Applied => progress.Transactions;

    /// <summary>The last payments of the history.</summary>
    public IReadOnlyCollection<V1.Payment> Newest => _newest;

    /// <summary>Writes all events before the first scored day, and returns when the service has applied them.</summary>
    /// <param name="events">The simulation; it is left at the first event that was not written.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="TimeoutException">The service applies no events.</exception>
    public async Task LoadAsync(IEnumerator<SimulatedEvent> events, CancellationToken cancellationToken)
    {
        for (var written = 1; events.MoveNext() && events.Current.TimeMs < simulation.LiveFromMs; written++)
        {
            await WriteAsync(events.Current);
            if (written % CheckEvery == 0)
            {
                await WaitAsync(() => publisher.Transactions - progress.Transactions < MostAhead, cancellationToken);
            }
        }
        await publisher.FlushAsync();
        await WaitAsync(() => progress.Transactions >= publisher.Transactions && progress.CaughtUp, cancellationToken);
    }

    private async ValueTask WriteAsync(SimulatedEvent happening)
    {
        if (happening.Payment is not { } payment)
        {
            await publisher.PublishAsync(happening.Label!);
            return;
        }
        var message = EventWriter.ToProto(payment);
        await publisher.PublishAsync(message);
        _newest.Enqueue(message);
        if (_newest.Count > KeptPayments)
        {
            _newest.Dequeue();
        }
    }

    private async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (applied, since) = (progress.Transactions, time.GetTimestamp());
        while (!condition())
        {
            await Task.Delay(Pause, time, cancellationToken);
            if (progress.Transactions != applied)
            {
                (applied, since) = (progress.Transactions, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(since) > LongestStall)
            {
                throw new TimeoutException(
                    $"the service applied no events for {LongestStall.TotalSeconds} s; {applied} of {publisher.Transactions} are in its "
                    + $"profiles, {publisher.Undelivered} were refused by Kafka. See the log lines above.");
            }
        }
    }
}
