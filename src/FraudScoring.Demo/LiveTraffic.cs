using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using Grpc.Core;
using KafkaException = Confluent.Kafka.KafkaException;

namespace FraudScoring.Demo;

/// <summary>
/// Sends simulated days at an even rate, in an open loop: each payment is scored over gRPC, then published as a transaction; each label is
/// published when the simulated clock reaches it.
/// </summary>
internal sealed class LiveTraffic(
    DemoServer server, DemoSimulation simulation, EventPublisher publisher, StreamProgress progress, Scoreboard board, int rate,
    TimeProvider time)
    : IDisposable
{
    private const int MostInFlight = 256;
    private const int MostWaiting = 2_000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostBehind = TimeSpan.FromMilliseconds(200);

    private readonly CausalOrder _order = new(() => progress.Transactions + publisher.Undelivered);
    private readonly SemaphoreSlim _permits = new(MostInFlight);
    private bool _exhausted;
    private KafkaException? _broken;
    private long _simulatedMs = simulation.LiveFromMs;

    /// <summary>The simulated clock, in milliseconds since the Unix epoch.</summary>
    public long SimulatedMs => Interlocked.Read(ref _simulatedMs);

    /// <summary>Scores a few payments that are not counted, so that the first figures are not those of a cold start.</summary>
    public async Task WarmUpAsync(IEnumerable<V1.Payment> payments, CancellationToken cancellationToken)
    {
        foreach (var payment in payments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await CallAsync(payment);
            }
            catch (RpcException)
            {
                // What fails here fails again where it is counted.
            }
        }
    }

    /// <summary>Scores payments until the simulated days end or it is cancelled; returns when every call has completed.</summary>
    /// <param name="events">The simulation, at the next event.</param>
    /// <param name="cancellationToken">Ends the traffic; not an error.</param>
    /// <exception cref="KafkaException">Events can no longer be published.</exception>
    public async Task RunAsync(IEnumerator<SimulatedEvent> events, CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(1.0 / rate);
        var start = time.GetTimestamp();
        var due = TimeSpan.Zero;
        while (!cancellationToken.IsCancellationRequested && _broken is null)
        {
            var elapsed = time.GetElapsedTime(start);
            if (elapsed - due > MostBehind)
            {
                // What could not be sent in time is not made up for in a burst.
                due = elapsed - MostBehind;
            }
            while (due <= elapsed && _permits.CurrentCount > 0 && await NextAsync(events) is { } passage)
            {
                await _permits.WaitAsync(CancellationToken.None);
                _ = ScoreAsync(passage);
                due += interval;
            }
            if (_exhausted && _order.Waiting == 0)
            {
                break;
            }
            await Task.Delay(Tick, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        for (var i = 0; i < MostInFlight; i++)
        {
            await _permits.WaitAsync(CancellationToken.None);
        }
        if (_broken is not null)
        {
            throw _broken;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _permits.Dispose();

    private async ValueTask<Passage?> NextAsync(IEnumerator<SimulatedEvent> events)
    {
        while (true)
        {
            if (_order.TryTake() is { } passage)
            {
                return passage;
            }
            if (_exhausted || _order.Waiting >= MostWaiting)
            {
                return null;
            }
            var happening = events.Current;
            _exhausted = !events.MoveNext() || events.Current.TimeMs >= simulation.EndMs;
            if (happening.Label is { } label)
            {
                await publisher.PublishAsync(label);
            }
            if (happening.Payment is { } payment)
            {
                Interlocked.Exchange(ref _simulatedMs, payment.EventTimeMs);
                _order.Schedule(payment, happening.Scenario);
            }
        }
    }

    private async Task ScoreAsync(Passage passage)
    {
        try
        {
            var message = EventWriter.ToProto(passage.Payment);
            var start = time.GetTimestamp();
            try
            {
                var response = await CallAsync(message);
                board.Count(message, passage.Scenario, response, time.GetElapsedTime(start));
            }
            catch (RpcException e)
            {
                board.CountFailure(e.Status);
            }
            passage.Published(await publisher.PublishAsync(message));
        }
        catch (KafkaException e)
        {
            _broken = e;
        }
        finally
        {
            _permits.Release();
        }
    }

    private AsyncUnaryCall<V1.ScoreResponse> CallAsync(V1.Payment payment) =>
        server.Client.ScoreAsync(
            new V1.ScoreRequest { Payment = payment, StageTimes = true }, deadline: (time.GetUtcNow() + CallLimit).UtcDateTime);
}
