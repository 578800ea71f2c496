using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>The parts of <see cref="IngestLoop"/> that differ between the topics.</summary>
internal interface IRecordStream
{
    string Topic { get; }

    /// <summary>The topic's number in the profiles' applied offsets.</summary>
    int TopicNumber { get; }

    /// <summary>
    /// How long a broker may collect records before it answers a fetch. An idle topic is fetched as often as this allows.
    /// </summary>
    TimeSpan FetchWait { get; }

    /// <summary>Parses a record into the batch.</summary>
    /// <param name="batch">Receives the record if it is valid.</param>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="record">The record.</param>
    /// <param name="faults">Receives every fault of the record.</param>
    /// <returns>True if the record is valid.</returns>
    bool Parse(IngestBatch batch, RecordPosition position, ConsumeResult<byte[], byte[]> record, Faults faults);

    /// <summary>
    /// Claims a batch's records, so that each counts once, and adds their updates to the batch. On return the batch is
    /// <see cref="IngestBatchState.Claiming"/> or <see cref="IngestBatchState.Claimed"/>.
    /// </summary>
    Task ClaimAsync(IngestBatch batch, CancellationToken stop);

    /// <summary>Runs the follow-up work of a batch that is in the profiles. Must be idempotent.</summary>
    Task CompleteAsync(IngestBatch batch, CancellationToken stop);

    /// <summary>Runs periodic maintenance. Called after every checkpoint.</summary>
    Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop);
}
