using System.Reflection;
using Confluent.Kafka;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A consumer that knows its assignment, the ends of its partitions and what was stored, and nothing else.</summary>
public class FakeConsumer : DispatchProxy
{
    /// <summary>Partitions it has.</summary>
    public List<TopicPartition> Assigned { get; } = [];

    /// <summary>What brokers say of a partition.</summary>
    public Dictionary<TopicPartition, WatermarkOffsets> Ends { get; } = [];

    /// <summary>What was handed over to be committed.</summary>
    public Dictionary<TopicPartition, long> Stored { get; } = [];

    /// <summary>Brokers do not answer.</summary>
    public bool IsUnreachable { get; set; }

    /// <summary>How often brokers were asked; other ends are what the client has seen.</summary>
    public int Queries { get; private set; }

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
            case nameof(IConsumer<,>.GetWatermarkOffsets):
                return EndsOf(args![0]!);
            case nameof(IConsumer<,>.QueryWatermarkOffsets):
                Queries++;
                return IsUnreachable ? throw new KafkaException(ErrorCode.Local_Transport) : EndsOf(args![0]!);
            case nameof(IConsumer<,>.StoreOffset):
                var stored = (TopicPartitionOffset)args![0]!;
                Stored[stored.TopicPartition] = Assigned.Contains(stored.TopicPartition) ? stored.Offset.Value
                    : throw new KafkaException(ErrorCode.Local_State);
                return null;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }

    private WatermarkOffsets EndsOf(object partition) =>
        Ends.GetValueOrDefault((TopicPartition)partition, new WatermarkOffsets(Offset.Unset, Offset.Unset));
}
