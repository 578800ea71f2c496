using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>
/// The gauges of one topic, by partition. Two deployments read the same partitions during a catalogue change: only the active one shows
/// them.
/// </summary>
internal sealed class StreamGauges(string topic)
{
    private volatile bool _isActive;

    public string Topic => topic;

    /// <summary>True for the gauges of the active deployment.</summary>
    public bool IsActive => _isActive;

    /// <summary>Shows the values reported from now on.</summary>
    public void Activate() => _isActive = true;

    /// <summary>Removes all series of the topic, and shows nothing more.</summary>
    public void Deactivate()
    {
        _isActive = false;
        foreach (var gauge in new[] { ServerMetrics.StreamLag, ServerMetrics.StreamAppliedUntil, ServerMetrics.StreamRemaining })
        {
            foreach (var labels in gauge.GetAllLabelValues().Where(labels => labels[0] == topic).ToList())
            {
                gauge.RemoveLabelled(labels);
            }
        }
    }

    /// <summary>Shows how far the profiles are behind a partition.</summary>
    public void ShowLag(int partition, long appliedUntilMs, long nowMs)
    {
        if (_isActive)
        {
            var number = Text(partition);
            ServerMetrics.StreamLag.WithLabels(topic, number).Set(Math.Max(0, nowMs - appliedUntilMs) / (double)MillisecondsPer.Second);
            ServerMetrics.StreamAppliedUntil.WithLabels(topic, number).Set(appliedUntilMs / (double)MillisecondsPer.Second);
        }
    }

    /// <summary>Shows how many records of a partition this instance still has to apply.</summary>
    public void ShowRemaining(int partition, long records)
    {
        if (_isActive)
        {
            ServerMetrics.StreamRemaining.WithLabels(topic, Text(partition)).Set(records);
        }
    }

    /// <summary>Removes the number of records of a partition that another instance reads now.</summary>
    public void RemoveRemaining(int partition)
    {
        if (_isActive)
        {
            ServerMetrics.StreamRemaining.RemoveLabelled(topic, Text(partition));
        }
    }

    private static string Text(int partition) => partition.ToString(CultureInfo.InvariantCulture);
}
