using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>Counts records without a value or without a key, before they are parsed.</summary>
internal sealed class RecordIntake(string topic, ILogger log)
{
    private bool _keylessLogged;

    /// <summary>
    /// True for a tombstone, a record without a value: it is not faulty, but deletes its key in a compacted copy of the topic, and has
    /// nothing to apply.
    /// </summary>
    public bool Skips(ConsumeResult<byte[], byte[]> record)
    {
        if (record.Message.Key is null)
        {
            ServerMetrics.RecordsWithoutKey.WithLabels(topic).Inc();
            if (!_keylessLogged)
            {
                _keylessLogged = true;
                log.RecordWithoutKey(topic);
            }
        }
        if (record.Message.Value is not null)
        {
            return false;
        }
        ServerMetrics.Tombstones.WithLabels(topic).Inc();
        return true;
    }
}
