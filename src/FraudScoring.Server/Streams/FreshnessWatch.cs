using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Reads once a second how far the profiles in Redis are behind both topics, and tells the path of a payment and the gauges. Runs on every
/// instance, also on one that reads no partition itself.
/// </summary>
internal sealed class FreshnessWatch(
    KafkaClients clients, StreamFreshness freshness, TransactionIndex transactions, IReadOnlyList<WatchedTopic> topics,
    StoredHistory history, SecretState secret, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(15);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly TopicPartitions[] _partitions =
        [.. topics.Select(topic => new TopicPartitions(topic.Gauges.Topic, time))];
    private FreshnessReading? _reading;
    private long _readAt;
    private long? _countedAt;

    /// <remarks>On a thread of its own, since asking brokers for metadata blocks.</remarks>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StreamThread.RunAsync("freshness", () => RunAsync(stoppingToken));

    private async Task RunAsync(CancellationToken stop)
    {
        using var admin = clients.Admin();
        while (!stop.IsCancellationRequested)
        {
            Array.ForEach(_partitions, partitions => partitions.Refresh(admin));
            await ReadAsync();
            Judge();
            await Task.Delay(Interval, time, stop).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            // Before the answer: the lag is then never shown as less than it is.
            var at = time.GetTimestamp();
            _reading = await freshness.ReadAsync();
            _readAt = at;
            // An instance without partitions would not notice otherwise that the secret was replaced.
            if (_reading.Secret is { } fingerprint)
            {
                await secret.FollowAsync(fingerprint);
            }
            if (topics[0].Gauges.IsActive && (_countedAt is not { } counted || time.GetElapsedTime(counted) >= CountInterval))
            {
                ServerMetrics.ParkedLabels.Set(await transactions.CountParkedAsync());
                _countedAt = at;
            }
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The lag grows from the last reading on. Payments miss their features meanwhile, and say so.
        }
    }

    private void Judge()
    {
        if (_reading is not { } reading)
        {
            return;
        }
        var nowMs = reading.NowMs + (long)time.GetElapsedTime(_readAt).TotalMilliseconds;
        history.Update(reading with { NowMs = nowMs });
        if (topics[0].Gauges.IsActive)
        {
            ServerMetrics.HistoryMissing.Set(history.Missing.TotalSeconds);
            ServerMetrics.HistorySince.Set((history.SinceMs ?? 0) / (double)MillisecondsPer.Second);
        }
        for (var t = 0; t < topics.Count; t++)
        {
            var (judge, health, gauges) = (topics[t].Freshness, topics[t].Health, topics[t].Gauges);
            var lag = judge.Judge(reading, _partitions[t].Count, time.GetElapsedTime(_startedAt, _readAt));
            health.Report(_readAt, lag, judge.HasReadUpToStart);
            foreach (var (partition, appliedUntilMs) in judge.AppliedUntilMs)
            {
                gauges.ShowLag(partition, appliedUntilMs, nowMs);
            }
        }
    }
}

/// <summary>A topic whose freshness is watched.</summary>
/// <param name="Freshness">Judges the readings.</param>
/// <param name="Health">Receives the lag of the partition that is furthest behind.</param>
/// <param name="Gauges">Show the lag of every partition.</param>
internal sealed record WatchedTopic(TopicFreshness Freshness, StreamHealth Health, StreamGauges Gauges);
