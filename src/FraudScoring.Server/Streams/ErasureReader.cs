using Confluent.Kafka;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Streams;

/// <summary>
/// Reads the topic of erasures from its beginning, and follows it. Each instance needs all of it, so there is no consumer group.
/// </summary>
internal sealed class ErasureReader(
    KafkaClients clients, ErasureTopic topic, Erasures erasures, TimeProvider time, ILogger<ErasureReader> log) : BackgroundService
{
    private static readonly TimeSpan PollLimit = TimeSpan.FromMilliseconds(100), FailurePause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);
    // An instance that may erase creates the topic.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StreamThread.RunAsync("erasures", () => RunAsync(stoppingToken));

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pause = FailurePause;
            // The client requires the name of a group, but without a commit there is none.
            using var consumer = clients.Consumer($"{clients.Options.GroupId}-erasures", config => config.EnablePartitionEof = true);
            try
            {
                if (Exists(consumer))
                {
                    Follow(consumer, stop);
                }
                else
                {
                    // Nothing was ever erased.
                    pause = LookInterval;
                    erasures.SetKnown();
                }
            }
            catch (KafkaException e)
            {
                log.ErasuresUnread(clients.Options.ErasuresTopic, pause, e.Error.Reason);
            }
            await Task.Delay(pause, time, stop).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>
    /// True if the topic exists. Only a broker's own answer counts: a client that has just started does not know any topic.
    /// </summary>
    /// <exception cref="KafkaException">No broker answered, or this user may not see the topic.</exception>
    private bool Exists(IConsumer<byte[], byte[]> consumer)
    {
        // A consumer's request does not create the topic. One that is assigned a missing topic would log that every second.
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var found = admin.GetMetadata(topic.Partition.Topic, AnswerLimit).Topics.Find(known => known.Topic == topic.Partition.Topic);
        return found?.Error.Code switch
        {
            ErrorCode.NoError => found.Partitions.Count > 0,
            ErrorCode.UnknownTopicOrPart => false,
            _ => throw new KafkaException(found?.Error ?? new Error(ErrorCode.Local_UnknownTopic)),
        };
    }

    /// <summary>Reads the topic from its beginning. Ends by a stop or an exception.</summary>
    private void Follow(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        consumer.Assign(new TopicPartitionOffset(topic.Partition, Offset.Beginning));
        while (!stop.IsCancellationRequested)
        {
            if (consumer.Consume(PollLimit) is not { } record)
            {
                continue;
            }
            if (record.IsPartitionEOF)
            {
                erasures.SetKnown();
            }
            else
            {
                Take(record);
            }
        }
    }

    private void Take(ConsumeResult<byte[], byte[]> record)
    {
        try
        {
            // A record without a value is one that an operator removes from the compacted topic.
            if (record.Message.Value is { } value)
            {
                var erasure = ErasureEvent.Parser.ParseFrom(value);
                erasures.Add(erasure.Hashes, erasure.ErasedUntil?.ToDateTimeOffset().ToUnixTimeMilliseconds() ?? 0);
            }
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidOperationException)
        {
            log.ErasureInvalid(record.Topic, record.Partition.Value, record.Offset.Value, e.Message);
        }
    }
}
