using Confluent.Kafka;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Streams;

/// <summary>Takes payments that were made, from the topic of transactions, into the profiles of their entities.</summary>
internal sealed class TransactionConsumer(
    StreamDependencies dependencies, StreamHealth health, LabelProducer labels, RedisRetry retry, TimeProvider time, ILogger<TransactionConsumer> log)
    : StreamConsumer(dependencies, health, time, log)
{
    private readonly FeatureCatalogue _catalogue = dependencies.Catalogue;
    private readonly TransactionIndex _transactions = dependencies.Transactions;

    /// <summary>Reads a payment from a record's value.</summary>
    /// <returns>Null when anything is wrong with it.</returns>
    public static Core.Payments.Payment? Parse(byte[]? value, FeatureCatalogue catalogue, long nowMs, out long amount, out List<Fault>? faults)
    {
        amount = 0;
        if (!TryParse(value, out var message))
        {
            faults = [new Fault("value", "is not a fraud.scoring.v1.TransactionEvent in protobuf")];
            return null;
        }
        var payment = PaymentReader.Read(message.Payment, Limits, nowMs, out faults);
        if (payment is not null && !catalogue.TryConvert(payment.AmountMinor, payment.Currency, out amount))
        {
            faults = [new Fault("payment.currency", "is one the feature catalogue has no rate for")];
            return null;
        }
        return payment;
    }

    protected override string Topic => Options.TransactionsTopic;

    protected override int TopicNumber => 0;

    protected override List<Fault>? Read(StreamBatch batch, int source, ConsumeResult<byte[], byte[]> record)
    {
        if (Parse(record.Message.Value, _catalogue, NowMs, out var amount, out var faults) is not { } payment)
        {
            return faults;
        }
        var entities = new EntityKey[_catalogue.Entities.Count];
        Keys.Of(payment, entities);
        batch.Payments.Add(new ReadPayment(source, record.Offset.Value, payment, amount, Keys.OfTransaction(payment.TransactionId), entities));
        return null;
    }

    /// <summary>Most payments come once: while Redis says which came before, the profiles are read already.</summary>
    protected override Task GatherAsync(StreamBatch batch, CancellationToken stop)
    {
        foreach (var payment in batch.Payments)
        {
            batch.Profiles.Add(payment.Source, payment.Offset, payment.Payment, payment.Amount, payment.Entities);
        }
        // Elsewhere: this thread waits for the next records.
        batch.Profiles.Settled = Task.Run(() => ClaimAsync(batch, stop), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task ClaimAsync(StreamBatch batch, CancellationToken stop)
    {
        await retry.UntilDoneAsync(() => _transactions.ClaimAsync(batch.Payments), stop);
        foreach (var payment in batch.Payments.Where(payment => payment.IsDuplicate))
        {
            batch.Profiles.Drop(payment.Source, payment.Offset);
            ServerMetrics.DuplicateEvents.WithLabels(Topic).Inc();
        }
    }

    protected override async Task EndAsync(StreamBatch batch, CancellationToken stop)
    {
        foreach (var payment in batch.Payments)
        {
            if (payment.Parked is { } parked && LabelConsumer.Parse(parked.Value, NowMs, out _) is { } label)
            {
                await labels.PublishAsync(label, payment.Payment, stop);
                await retry.UntilDoneAsync(() => _transactions.UnparkAsync(payment.Transaction, Keys.OfLabel(label), parked), stop);
            }
        }
    }

    private static bool TryParse(byte[]? value, out TransactionEvent message)
    {
        message = new TransactionEvent();
        try
        {
            message.MergeFrom(value ?? []);
            return value is not null;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
