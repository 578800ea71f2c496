using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Streams;

/// <summary>The topic of transactions: payments that took place.</summary>
internal sealed class TransactionStream(
    KafkaOptions options, PaymentLimits limits, ProfileKeys keys, RatesSlot rates, TransactionIndex transactions, ParkedLabels labels,
    RedisRetry retry, TimeProvider time) : IRecordStream
{
    /// <inheritdoc />
    public string Topic => options.TransactionsTopic;

    /// <inheritdoc />
    public int TopicNumber => TransactionRecord.TopicNumber;

    /// <inheritdoc />
    // Above some thousand events per second, a fetch is full before.
    public TimeSpan FetchWait => TimeSpan.FromMilliseconds(25);

    /// <inheritdoc />
    public bool Parse(IngestBatch batch, RecordPosition position, ConsumeResult<byte[], byte[]> record, Faults faults)
    {
        var nowMs = RecordClock.JudgedAtMs(record, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (TransactionRecord.Parse(position, record.Message.Value, keys, rates.Current, limits, nowMs, faults) is not { } transaction)
        {
            return false;
        }
        if (transaction.Amount < 0)
        {
            ServerMetrics.PaymentsWithoutRate.WithLabels(transaction.Payment.Currency.Code, ServerMetrics.ConsumedPath).Inc();
        }
        batch.Accept(transaction);
        return true;
    }

    /// <remarks>
    /// Only starts the claims. Almost every payment is new, so its profiles are read while Redis still determines the duplicates.
    /// </remarks>
    public Task ClaimAsync(IngestBatch batch, CancellationToken stop)
    {
        foreach (var transaction in batch.Transactions)
        {
            batch.Update(transaction);
        }
        batch.BeginClaims(() => FindDuplicatesAsync(batch, stop));
        return Task.CompletedTask;
    }

    /// <summary>Publishes the parked labels of the batch's payments to the topic of labels, with tokens.</summary>
    public async Task CompleteAsync(IngestBatch batch, CancellationToken stop)
    {
        foreach (var (transaction, parked) in batch.Waiting)
        {
            await labels.PublishAsync(transaction.Transaction, parked, transaction.Payment, stop);
        }
    }

    /// <inheritdoc />
    public Task TidyAsync(IReadOnlyList<TopicPartition> assigned, CancellationToken stop) => Task.CompletedTask;

    private async Task FindDuplicatesAsync(IngestBatch batch, CancellationToken stop)
    {
        var since = IngestClock.Now;
        var claims = await retry.UntilDoneAsync(() => transactions.ClaimAsync(batch.Transactions), stop);
        foreach (var duplicate in claims.Duplicates)
        {
            batch.Drop(duplicate);
            ServerMetrics.DuplicateEvents.WithLabels(Topic).Inc();
        }
        foreach (var (transaction, label) in claims.Waiting)
        {
            batch.AddWaiting(transaction, label);
        }
        batch.Clock.Record(IngestStage.Claim, since);
    }
}
