using System.Diagnostics;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Writes the events and labels of the payments that are scored, at fixed rates, while a load runs.</summary>
/// <param name="service">The service, whose payments and topics are used.</param>
/// <param name="events">Events per second.</param>
/// <param name="labels">Labels per second.</param>
internal sealed class EventLoad(ScoredService service, double events, double labels)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Writes until it is cancelled, and returns how many events and labels were written.</summary>
    public async Task<(long Events, long Labels)> RunAsync(CancellationToken until)
    {
        using var producer = new RecordProducer(service.Servers.Kafka);
        var (first, start) = (service.Traffic.NextNumber, Stopwatch.GetTimestamp());
        var (written, labelled) = (0L, 0L);
        while (!until.IsCancellationRequested)
        {
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            for (var due = (long)(seconds * events); written < due; written++)
            {
                producer.Produce(service.TransactionsTopic, service.Traffic.Event(first + written));
            }
            for (var due = (long)(seconds * labels); labelled < due; labelled++)
            {
                producer.Produce(service.LabelsTopic, service.Traffic.Label(first + Math.Max(0, written - 1)));
            }
            await Task.Delay(Pause, CancellationToken.None);
        }
        producer.Flush(CancellationToken.None);
        return (written, labelled);
    }
}
