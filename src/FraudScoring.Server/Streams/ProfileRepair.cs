using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Rebuilds corrupt profiles from the whole log, with a consumer of its own. The consumers skip a corrupt profile meanwhile.
/// </summary>
/// <remarks>
/// A corrupt profile has lost its applied offsets, so there is no offset to resume from: only the whole log gives a true profile. One pass
/// repairs all profiles found so far, because a pass costs the same for one as for many.
/// </remarks>
internal sealed class ProfileRepair(
    KafkaClients clients, ProfileKeys keys, RatesSlot rates, CorruptProfiles corrupt, RedisProfileWriter writer,
    TopicGenerations generations, RedisRetry retry, PaymentLimits limits, LabelsOptions labels, TimeProvider time,
    ILogger<ProfileRepair> log)
    : BackgroundService
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    private readonly RepairSchedule _schedule = new(time);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var open = new HashSet<CorruptProfile>(_schedule.Due());
            while (corrupt.Found.TryRead(out var found))
            {
                if (_schedule.IsOpen(found))
                {
                    open.Add(found);
                }
            }
            if (open.Count > 0)
            {
                await StreamThread.RunAsync("repair", () => RepairAsync(open, stoppingToken));
            }
            else if (!await WaitAsync(stoppingToken))
            {
                return;
            }
        }
    }

    /// <summary>Waits until a profile is found, or until it is time to rebuild one again.</summary>
    /// <returns>False when no profile can be found any more.</returns>
    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_schedule.NextIn() ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await corrupt.Found.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task RepairAsync(HashSet<CorruptProfile> open, CancellationToken stop)
    {
        try
        {
            var pass = new RepairPass(clients, keys, rates.Current, writer, generations, retry, limits, labels, StallLimit, time);
            foreach (var (found, missing) in await pass.RunAsync([.. open], Replaced, stop))
            {
                var (pause, isGivenUp) = _schedule.Fail(found);
                ServerMetrics.ProfileRepairsFailed.WithLabels("missing_records").Inc();
                log.RepairStalled(EntityOf(found), missing.Marker, missing.Topic, missing.Partition, missing.End, Next(pause, isGivenUp));
            }
        }
        catch (KafkaException e)
        {
            var failures = open.Select(_schedule.Fail).ToList();
            ServerMetrics.ProfileRepairsFailed.WithLabels("kafka").Inc(open.Count);
            log.RepairFailed(open.Count, failures.Max(failure => failure.Pause), e.Error.Reason);
        }

        void Replaced(CorruptProfile found, TopicPartitionOffset? late)
        {
            open.Remove(found);
            _schedule.Succeed(found);
            ServerMetrics.ProfilesRepaired.Inc();
            if (late is null)
            {
                log.ProfileRepaired(EntityOf(found));
            }
            else
            {
                ServerMetrics.ProfileRepairsIncomplete.Inc();
                log.ProfileRepairIncomplete(EntityOf(found), late.Topic, late.Partition.Value, late.Offset.Value);
            }
        }
    }

    private string EntityOf(CorruptProfile found) => keys.Catalogue.Entities[found.Entity].Name;

    private static string Next(TimeSpan pause, bool isGivenUp) =>
        isGivenUp ? $"It is given up; a payment that reads it after {pause:c} starts again" : $"The next attempt is in {pause:c}";
}
