using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FraudScoring.Core.Payments;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// The topic of erasures: creates it, checks it, and writes erasures to it. It must be compacted, because an erasure must outlive every
/// record that could bring the erased history back. Only its first partition is used: readers then never miss one that was added.
/// </summary>
internal sealed class ErasureTopic(KafkaClients clients) : IDisposable
{
    private const string Compaction = "cleanup.policy";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can fail permanently. An erasure that is written twice is the same erasure.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
        // The caller waits.
        config.MessageTimeoutMs = 5000;
    }));

    private string Name => clients.Options.ErasuresTopic;

    /// <summary>The partition with the erasures.</summary>
    public TopicPartition Partition => new(Name, 0);

    /// <summary>Finds the topic without creating it, which brokers may do when they are asked for metadata.</summary>
    /// <returns>NoError, UnknownTopicOrPart or TopicAuthorizationFailed.</returns>
    /// <exception cref="KafkaException">Brokers did not answer.</exception>
    public async Task<ErrorCode> FindAsync(IAdminClient admin)
    {
        try
        {
            await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([Name]), new DescribeTopicsOptions { RequestTimeout = AnswerLimit });
            return ErrorCode.NoError;
        }
        catch (DescribeTopicsException e)
        {
            var error = e.Results.TopicDescriptions[0].Error;
            return error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.TopicAuthorizationFailed ? error.Code
                : throw new KafkaException(error);
        }
    }

    /// <summary>Creates the topic if it does not exist: brokers that create topics themselves would delete its records in time.</summary>
    /// <exception cref="KafkaException">It does not exist, and could not be created.</exception>
    public async Task EnsureAsync()
    {
        if (clients.IsEmbedded)
        {
            return;
        }
        using var admin = clients.Admin();
        var faults = new Faults();
        try
        {
            if (await FindAsync(admin) == ErrorCode.UnknownTopicOrPart)
            {
                await CreateAsync(admin, faults);
            }
        }
        catch (KafkaException)
        {
            // They do not answer such a request, or no broker answers, which the write will show.
            return;
        }
        if (faults.Count > 0)
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, faults[0].Message));
        }
    }

    /// <summary>Creates the topic.</summary>
    /// <param name="admin">Creates it.</param>
    /// <param name="faults">Receives a fault, with the command that mends it, if that failed.</param>
    public async Task CreateAsync(IAdminClient admin, Faults faults)
    {
        var topic = new TopicSpecification
        {
            Name = Name, NumPartitions = 1, ReplicationFactor = -1, Configs = new() { [Compaction] = "compact" },
        };
        try
        {
            await admin.CreateTopicsAsync([topic], new CreateTopicsOptions { RequestTimeout = AnswerLimit });
        }
        catch (CreateTopicsException e) when (e.Results[0].Error.Code != ErrorCode.TopicAlreadyExists)
        {
            Fault(faults, $"topic {Name} does not exist, and could not be created ({e.Results[0].Error.Reason}): kafka-topics.sh "
                + $"--bootstrap-server {clients.BootstrapServers} --create --topic {Name} --partitions 1 --replication-factor 3 "
                + $"--config {Compaction}=compact");
        }
        catch (CreateTopicsException)
        {
            // Another instance has created it.
        }
    }

    /// <summary>Adds a fault if the topic is not compacted.</summary>
    public async Task CheckCompactionAsync(IAdminClient admin, Faults faults)
    {
        try
        {
            var topic = new ConfigResource { Type = ResourceType.Topic, Name = Name };
            var described = await admin.DescribeConfigsAsync([topic], new DescribeConfigsOptions { RequestTimeout = AnswerLimit });
            if (described[0].Entries.GetValueOrDefault(Compaction)?.Value is { } policy && policy != "compact")
            {
                Fault(faults, $"topic {Name} deletes records ({Compaction}={policy}), and erased history could come back: "
                    + $"kafka-configs.sh --alter --entity-type topics --entity-name {Name} --add-config {Compaction}=compact");
            }
        }
        catch (DescribeConfigsException)
        {
            // This user may not read the settings, or the service that speaks Kafka's protocol has none.
        }
    }

    /// <summary>Writes an erasure, and waits for the brokers' acknowledgement.</summary>
    /// <exception cref="KafkaException">It was not acknowledged within 5 s; it may or may not have been written.</exception>
    public async Task PublishAsync(ErasureEvent erasure, CancellationToken cancellationToken)
    {
        var key = erasure.Hashes[0].ToString("x16", CultureInfo.InvariantCulture);
        await _client.Value.ProduceAsync(
            Partition, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = erasure.ToByteArray() }, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static void Fault(Faults faults, string text) =>
        faults.Add($"{KafkaOptions.Section}:{nameof(KafkaOptions.ErasuresTopic)}", text);
}
