using FraudScoring.Core.Payments;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Hosting;

/// <summary>
/// Checks Redis and Kafka at the start. What does not answer is checked when it does; its faults are then logged as errors, because the
/// service is already running.
/// </summary>
internal sealed class StoreCheck(
    RedisCheck redis, TopicCheck topics, DeploymentHost deployments, KafkaClients kafka, RedisOptions redisOptions,
    TimeProvider time, ILogger<StoreCheck> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private bool _topicsChecked = true;

    /// <summary>Checks the servers that answer.</summary>
    public async Task RunAsync(Faults faults)
    {
        await redis.RunAsync(faults);
        redis.Watch();
        // The embedded broker creates topics, keeps what fits into memory and has no rights.
        if (kafka.Options.BootstrapServers.Length > 0 && !await CheckTopicsAsync(faults))
        {
            _topicsChecked = false;
            log.TopicsUnchecked(kafka.BootstrapServers);
        }
    }

    /// <summary>Checks the topics once the brokers answer. Ends only by cancellation.</summary>
    public async Task WatchAsync(CancellationToken stop)
    {
        var faults = new Faults();
        while (!_topicsChecked)
        {
            await Task.Delay(Pause, time, stop);
            _topicsChecked = await CheckTopicsAsync(faults);
        }
        foreach (var fault in faults)
        {
            log.StoreFault(fault.ToString());
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
    }

    private Task<bool> CheckTopicsAsync(Faults faults)
    {
        // Without a catalogue, which is a fault of its own, the groups and windows are not known.
        var catalogues = deployments.IsDeployed ? deployments.All.Select(deployment => deployment.Catalogue).ToList() : [];
        var plans = catalogues.SelectMany(catalogue => catalogue.Entities).ToList();
        string[] consumed = [kafka.Options.TransactionsTopic, kafka.Options.LabelsTopic];
        var needs = new TopicNeeds(
            [.. catalogues.SelectMany(catalogue => consumed.Select(topic => kafka.Options.Group(catalogue.LayoutHash, topic))).Distinct()],
            Longest(plans.Select(plan => plan.RetentionMs)),
            Longest(plans.Where(plan => plan.KeepsLabels).Select(plan => plan.LabelRetentionMs)),
            redisOptions.EraseAllowed);
        return topics.RunAsync(needs, faults);
    }

    private static TimeSpan Longest(IEnumerable<long> windowsMs) => TimeSpan.FromMilliseconds(windowsMs.DefaultIfEmpty().Max());
}
