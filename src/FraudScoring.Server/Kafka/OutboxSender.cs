using Confluent.Kafka;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Kafka;

/// <summary>Hands the records of a window to the Kafka client in order, and replaces a client that does not deliver.</summary>
/// <param name="client">The client.</param>
/// <param name="window">The records.</param>
/// <param name="hasSpool">True if a record is never given up, because the spool holds it until it is delivered.</param>
/// <param name="losses">Receives records that cannot be delivered.</param>
/// <param name="topic">The topic in log lines.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="log">The log.</param>
internal sealed class OutboxSender(
    OutboxClient client, OutboxWindow window, bool hasSpool, OutboxLosses losses, string topic, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan ClientPause = TimeSpan.FromMilliseconds(500);

    private readonly LogPause _replacedPause = new(time), _notCreatedPause = new(time);
    private long? _pausedAt;

    /// <summary>Sends records until the client is full or has them all.</summary>
    public void Send()
    {
        if ((_pausedAt is { } paused && time.GetElapsedTime(paused) < ClientPause) || !TryOpen())
        {
            return;
        }
        while (!client.IsFull && window.NextWaiting is { } record)
        {
            if (record.IsSettled)
            {
                window.RemoveWaiting();
                continue;
            }
            var error = client.TrySend(record);
            if (error is { Code: ErrorCode.Local_QueueFull })
            {
                return;
            }
            if (error is not null && !IsFinal(error))
            {
                Replace(error);
                return;
            }
            window.RemoveWaiting();
            if (error is not null)
            {
                losses.Drop(record, error);
            }
        }
    }

    /// <summary>Handles records that the client gave up: drops those that no broker ever takes, and sends the others again.</summary>
    public void HandleFailures()
    {
        Error? broken = null;
        while (client.TryTakeFailed(out var record, out var error))
        {
            if (IsFinal(error))
            {
                losses.Drop(record, error);
            }
            else
            {
                broken = error;
            }
        }
        if (broken is not null)
        {
            Replace(broken);
        }
    }

    private void Replace(Error error)
    {
        // While a topic does not exist or may not be written, every new client fails, too.
        if (_replacedPause.TryBegin())
        {
            log.DecisionClientReplaced(topic, error.Reason);
        }
        client.Close();
        window.SendAgain();
        _pausedAt = time.GetTimestamp();
    }

    /// <returns>False if there is no client, because none can be created; that is tried again after a pause.</returns>
    private bool TryOpen()
    {
        try
        {
            client.Open();
            _pausedAt = null;
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Not passed on: the outbox must go on, because it is now that records need the spool.
            if (_notCreatedPause.TryBegin())
            {
                log.DecisionClientNotCreated(topic, e.Message);
            }
            _pausedAt = time.GetTimestamp();
            return false;
        }
    }

    // With a spool, a record is given up only if no broker ever takes it.
    private bool IsFinal(Error error) => error.Code == ErrorCode.MsgSizeTooLarge || (!hasSpool && !IsBroken(error));

    // An idempotent client that has lost its sequence in a partition fails every further call with the same error.
    private static bool IsBroken(Error error) => error.IsFatal
        || error.Code is ErrorCode.Local_Fatal or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced or ErrorCode.ClusterAuthorizationFailed;
}
