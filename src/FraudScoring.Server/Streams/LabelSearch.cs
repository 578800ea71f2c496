using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Searches the topic of transactions for the payments of parked labels, such as chargebacks, which come long after Redis has forgotten
/// the transaction. A label whose payment is found is published again with tokens; one whose payment is not there, and does not come
/// within Kafka:ParkedLabelHours, goes to the dead-letter topic.
/// </summary>
/// <remarks>
/// Redis could remember all transactions of Labels:HorizonDays instead, for 300 bytes each: 30 GB for 100 million payments, of which very
/// few are ever labelled this way. The log has them all, and one search serves thousands of labels, those that have waited longest first.
/// <para>
/// A search begins only when both topics are read to their ends. Before that, after a loss in Redis, the transaction or the copy of the
/// label with tokens may simply not be read yet. Which labels were searched is kept in memory: after a restart they are searched once more.
/// Only the instance that reads partition 0 of the labels searches. If two do for a moment, the label is published twice and counts once.
/// </para>
/// </remarks>
internal sealed class LabelSearch(
    KafkaClients clients, LabelsOptions options, PaymentLimits limits, ProfileKeys keys, RatesSlot rates, ParkedLabels parked,
    StreamHealth payments, StreamHealth labels, TimeProvider time, ILogger<LabelSearch> log)
    : BackgroundService
{
    private const int MostLabels = 10_000;
    // A search of the whole log may take an hour. It then rests for three.
    private const int RestFactor = 3;
    private const ConfigureAwaitOptions Here = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeadLimit = TimeSpan.FromSeconds(30), StallLimit = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(options.SearchIntervalSeconds);
    private HashSet<(int Partition, long Offset, long ParkedMs)> _searched = [];
    private long _leadsSince = long.MinValue;
    private long? _endedAt;
    private TimeSpan _rest;
    private int _shown;

    private bool IsLeading => Volatile.Read(ref _leadsSince) is not long.MinValue and var since && time.GetElapsedTime(since) < LeadLimit;

    private bool IsDue => IsLeading && (_endedAt is not { } ended || time.GetElapsedTime(ended) >= _rest)
        && payments.IsCaughtUp && labels.IsCaughtUp;

    private string Topic => clients.Options.TransactionsTopic;

    /// <summary>Says whether this instance is the one that searches. Must be repeated every few seconds.</summary>
    public void Lead(bool isLeading) => Volatile.Write(ref _leadsSince, isLeading ? time.GetTimestamp() : long.MinValue);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StreamThread.RunAsync("label search", () => RunAsync(stoppingToken));

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (IsDue)
            {
                var since = time.GetTimestamp();
                var isComplete = await RoundAsync(stop);
                var rest = RestFactor * time.GetElapsedTime(since);
                (_endedAt, _rest) = (time.GetTimestamp(), isComplete && rest > _interval ? rest : _interval);
            }
            else if (!IsLeading)
            {
                Show(0);
            }
            await Task.Delay(PollInterval, time, stop).ConfigureAwait(Here);
        }
        Show(0);
    }

    /// <returns>False if brokers did not answer.</returns>
    private async Task<bool> RoundAsync(CancellationToken stop)
    {
        try
        {
            // Before the search: a label that it does not find must be where its payment looks for it.
            await parked.MoveFromPreviousAsync(stop);
            var wanted = await GatherAsync(stop);
            if (wanted.Count > 0)
            {
                await SearchAsync(wanted, stop);
            }
            await RefuseExpiredAsync(stop);
            return true;
        }
        catch (KafkaException e)
        {
            ServerMetrics.LabelSearches.WithLabels("failed").Inc();
            log.LabelSearchFailed(Topic, _interval, e.Error.Reason);
            return false;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was found is published and unparked; the rest is searched after the next start.
            return false;
        }
    }

    /// <summary>
    /// Collects the labels that have waited for their transaction long enough and were not searched yet, in order of their time.
    /// </summary>
    private async Task<List<WantedLabel>> GatherAsync(CancellationToken stop)
    {
        var (wanted, left, searched) = (new OldestLabels(MostLabels), 0, new HashSet<(int, long, long)>());
        var newestMs = time.GetUtcNow().Subtract(_interval).ToUnixTimeMilliseconds();
        for (var bucket = 0; bucket < EntityKey.Buckets; bucket++)
        {
            foreach (var (transaction, label) in await parked.ReadAsync(bucket, stop))
            {
                if (_searched.Contains(IdOf(label)))
                {
                    searched.Add(IdOf(label));
                }
                else if (label.ParkedMs <= newestMs && ReadSearchable(label, out _) is { } read)
                {
                    left++;
                    wanted.Add(new WantedLabel(transaction, read, label));
                }
            }
        }
        // Labels that have left the parking are forgotten.
        _searched = searched;
        Show(left);
        return wanted.Take();
    }

    private async Task SearchAsync(List<WantedLabel> labelled, CancellationToken stop)
    {
        var (wanted, found, since) = (new WantedPayments(), 0, time.GetTimestamp());
        labelled.ForEach(wanted.Add);
        var pass = new LabelSearchPass(
            clients, keys, rates.Current, limits, new ReadPace(options.SearchRecordsPerSecond, time), StallLimit, time);
        await pass.RunAsync(wanted, PublishAsync, stop);
        _searched.UnionWith(labelled.Select(label => IdOf(label.Parked)));
        Show(_shown - labelled.Count);
        ServerMetrics.LabelSearches.WithLabels("completed").Inc();
        ServerMetrics.SearchedLabels.WithLabels("not_found").Inc(labelled.Count - found);
        log.LabelsSearched(Topic, labelled.Count, time.GetElapsedTime(since), found);

        async Task PublishAsync(Payment payment, IReadOnlyList<WantedLabel> waiting)
        {
            foreach (var label in waiting)
            {
                // Not one that is mistaken about the time of its payment, and came too late.
                if (await parked.PublishAsync(label.Transaction, label.Parked, payment, stop))
                {
                    ServerMetrics.SearchedLabels.WithLabels("found").Inc();
                    found++;
                }
            }
        }
    }

    /// <summary>Sends labels that were parked for too long, and whose payment is not in the log, to the dead-letter topic.</summary>
    private async Task RefuseExpiredAsync(CancellationToken stop)
    {
        var hours = clients.Options.ParkedLabelHours;
        var oldestMs = time.GetUtcNow().AddHours(-hours).ToUnixTimeMilliseconds();
        for (var bucket = 0; bucket < EntityKey.Buckets; bucket++)
        {
            foreach (var (transaction, label) in await parked.ReadAsync(bucket, stop))
            {
                if (label.ParkedMs >= oldestMs || FindReason(label) is not { } reason)
                {
                    continue;
                }
                reason = $"has no tokens, {reason}, and its transaction did not arrive within Kafka:ParkedLabelHours ({hours})";
                if (!await parked.RefuseAsync(transaction, label, reason, stop))
                {
                    // It stays parked until the next round, and so do the others.
                    return;
                }
            }
        }
    }

    // The offset alone is not enough: a topic may be recreated.
    private static (int, long, long) IdOf(ParkedLabel label) => (label.Partition, label.Offset, label.ParkedMs);

    // The next catalogue has a search of its own, which shows the same gauge.
    private void Show(int labelsToSearch)
    {
        ServerMetrics.LabelsToSearch.Inc(labelsToSearch - _shown);
        _shown = labelsToSearch;
    }

    /// <summary>Why no search will find the label's payment; null if one still may.</summary>
    private string? FindReason(ParkedLabel label) =>
        _searched.Contains(IdOf(label)) ? $"its payment is not in topic {Topic}"
            : ReadSearchable(label, out var reason) is null ? reason : null;

    /// <summary>Reads a label whose payment is worth a search; else null, with the reason.</summary>
    private Label? ReadSearchable(ParkedLabel label, out string reason)
    {
        var read = LabelRecord.Parse(label, keys)?.Label;
        reason = read is null ? "cannot be read" : $"came more than Labels:HorizonDays ({options.HorizonDays}) after its payment";
        return read is not null && options.IsWithinHorizon(read, read.EventTimeMs) ? read : null;
    }
}
