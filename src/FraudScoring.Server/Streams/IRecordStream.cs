using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>What differs between the topics that <see cref="IngestLoop"/> takes in.</summary>
internal interface IRecordStream
{
    /// <summary>The topic.</summary>
    string Topic { get; }

    /// <summary>The topic's number in the profiles' offsets.</summary>
    int TopicNumber { get; }

    /// <summary>Parses a record into the batch.</summary>
    /// <param name="batch">Takes the record when it is valid.</param>
    /// <param name="position">Where the record is in the log.</param>
    /// <param name="record">The record.</param>
    /// <param name="faults">Gets all that is wrong with the record.</param>
    /// <returns>True when the record is valid.</returns>
    bool Parse(IngestBatch batch, RecordPosition position, ConsumeResult<byte[], byte[]> record, Faults faults);

    /// <summary>
    /// Claims a batch's records, so that each counts once, and adds the updates they make. On return the batch is
    /// <see cref="IngestBatchState.Claiming"/> or <see cref="IngestBatchState.Claimed"/>.
    /// </summary>
    Task ClaimAsync(IngestBatch batch, CancellationToken stop);

    /// <summary>Does what follows from a batch that is in the profiles. May be done twice.</summary>
    Task CompleteAsync(IngestBatch batch, CancellationToken stop);

    /// <summary>Does what is to be done now and then. Called after every checkpoint.</summary>
    Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop);
}
