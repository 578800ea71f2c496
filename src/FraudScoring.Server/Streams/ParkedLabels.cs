using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;

namespace FraudScoring.Server.Streams;

/// <summary>
/// The ways in which a label leaves the parking. Each may be repeated: a crash in between loses no label and counts none twice.
/// </summary>
internal sealed class ParkedLabels(
    KafkaOptions options, LabelsOptions labelsOptions, ProfileKeys keys, TransactionIndex transactions, LabelProducer labels,
    DeadLetterProducer deadLetters, RedisRetry retry)
{
    /// <summary>The kind of fault of a label that came too late for its payment.</summary>
    public const string Late = "late_label";

    private const string Unknown = "unknown_transaction";

    /// <summary>What is wrong with a label without tokens that came too late for its payment, and what helps.</summary>
    public static string DescribeLate(LabelsOptions options) =>
        $"has no tokens, and came more than Labels:HorizonDays ({options.HorizonDays}) after its payment; send the payment's tokens "
            + "with it";

    /// <summary>Reads the parked labels of a bucket, those of one transaction in order of their time.</summary>
    public Task<IReadOnlyList<(EntityKey Transaction, ParkedLabel Label)>> ReadAsync(int bucket, CancellationToken stop) =>
        retry.UntilDoneAsync(() => transactions.ParkedAsync(bucket), stop);

    /// <summary>
    /// Parks the labels that wait under the previous secret under the current one: only there does their payment look for them.
    /// </summary>
    public async Task MoveFromPreviousAsync(CancellationToken stop)
    {
        for (var bucket = 0; keys.Previous is { } previous && bucket < EntityKey.Buckets; bucket++)
        {
            foreach (var (transaction, parked) in await ReadAsync(bucket, stop))
            {
                // If there is no room, or the payment has come meanwhile, it stays where it is, and is searched.
                if (LabelRecord.Parse(parked, keys) is { } label && transaction == previous.HashTransaction(label.Label.TransactionId)
                    && (await retry.UntilDoneAsync(() => transactions.FindOrParkAsync(label, parked.ParkedMs), stop)).IsParked)
                {
                    await retry.UntilDoneAsync(() => transactions.UnparkAsync(transaction, label.Key, parked), stop);
                }
            }
        }
    }

    /// <summary>
    /// Publishes a label to the topic of labels again, with the tokens of its payment. If all of them were erased, it applies to nothing.
    /// One that came too late for the payment goes to the dead-letter topic instead.
    /// </summary>
    /// <param name="transaction">The keyed hash of its transaction.</param>
    /// <param name="parked">The label.</param>
    /// <param name="payment">Its payment.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>True if it was not too late.</returns>
    public async Task<bool> PublishAsync(EntityKey transaction, ParkedLabel parked, Payment payment, CancellationToken stop)
    {
        if (LabelRecord.Parse(parked, keys) is not { } label)
        {
            return false;
        }
        if (!labelsOptions.IsWithinHorizon(label.Label, payment.EventTimeMs))
        {
            await RefuseAsync(transaction, parked, Late, DescribeLate(labelsOptions), stop);
            return false;
        }
        if (keys.AddTokens(label.Label, payment) is { HasEntity: true } named)
        {
            await labels.PublishAsync(named, stop);
        }
        // Unparked only after brokers have it.
        await retry.UntilDoneAsync(() => transactions.UnparkAsync(transaction, label.Key, parked), stop);
        return true;
    }

    /// <summary>Sends a label whose payment did not come to the dead-letter topic.</summary>
    /// <returns>False if that failed; the label stays parked.</returns>
    public Task<bool> RefuseAsync(EntityKey transaction, ParkedLabel parked, string reason, CancellationToken stop) =>
        RefuseAsync(transaction, parked, Unknown, reason, stop);

    private async Task<bool> RefuseAsync(EntityKey transaction, ParkedLabel parked, string kind, string reason, CancellationToken stop)
    {
        if (!await deadLetters.PublishAsync(RecordOf(parked), kind, reason, stop))
        {
            return false;
        }
        // Invalid only if another release parked it. It must leave the parking all the same.
        var key = LabelRecord.Parse(parked, keys)?.Key ?? transaction;
        await retry.UntilDoneAsync(() => transactions.UnparkAsync(transaction, key, parked), stop);
        return true;
    }

    /// <summary>
    /// Unparks labels that labels with tokens repeat. After a loss in Redis the log is read again: it parks a label once more although its
    /// copy with tokens comes later in the log. Without this, every such reading would publish another copy.
    /// </summary>
    public async Task UnparkRepeatedAsync(IReadOnlyCollection<LabelRecord> published, CancellationToken stop)
    {
        var repeated = published.Count == 0 ? [] : await retry.UntilDoneAsync(() => transactions.FindRepeatedAsync(published), stop);
        foreach (var (transaction, key, parked) in repeated)
        {
            await retry.UntilDoneAsync(() => transactions.UnparkAsync(transaction, key, parked), stop);
        }
    }

    private ConsumeResult<byte[], byte[]> RecordOf(ParkedLabel label) => new()
    {
        TopicPartitionOffset = new TopicPartitionOffset(options.LabelsTopic, label.Partition, label.Offset),
        Message = new Message<byte[], byte[]> { Value = label.Value },
    };
}
