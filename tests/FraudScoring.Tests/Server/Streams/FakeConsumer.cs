using System.Reflection;
using Confluent.Kafka;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A consumer with an assignment and stored offsets, and nothing else.</summary>
public class FakeConsumer : DispatchProxy
{
    /// <summary>The assigned partitions.</summary>
    public List<TopicPartition> Assigned { get; } = [];

    /// <summary>The offsets stored for the next commit.</summary>
    public Dictionary<TopicPartition, long> Stored { get; } = [];

    public static (IConsumer<byte[], byte[]> Consumer, FakeConsumer Fake) Create()
    {
        var consumer = Create<IConsumer<byte[], byte[]>, FakeConsumer>();
        return (consumer, (FakeConsumer)(object)consumer);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case "get_Assignment":
                return Assigned.ToList();
            case nameof(IConsumer<,>.StoreOffset):
                var stored = (TopicPartitionOffset)args![0]!;
                Stored[stored.TopicPartition] = Assigned.Contains(stored.TopicPartition) ? stored.Offset.Value
                    : throw new KafkaException(ErrorCode.Local_State);
                return null;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
