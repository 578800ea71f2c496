using FraudScoring.Server.Features;
using Google.Protobuf;
using StackExchange.Redis;

namespace FraudScoring.Server.Scoring;

/// <summary>
/// The first answer to each transaction id, which Redis keeps for Scoring:IdempotencySeconds. The value holds the hashes of the request,
/// then the assessment without the transaction id.
/// </summary>
/// <remarks>
/// An answer is read in the round trip of the profiles, and written by one SET NX that nobody waits for. Redis thus keeps the answer that
/// it receives first. If two instances score one payment at the same time, both answer and both publish a record; every later request gets
/// the answer that Redis has, and the decision id in it names the decision that counts. Waiting for the SET would leave one record, but
/// costs every payment a round trip; a claim before the run would make the second instance wait for a first one that may have died.
/// </remarks>
internal sealed class StoredAnswers(RedisConnections redis, RedisBreakers breakers, ProfileKeys keys, ScoringOptions options)
{
    private readonly TimeSpan _lifetime = TimeSpan.FromSeconds(options.IdempotencySeconds);

    /// <summary>False if repeated requests are scored again.</summary>
    public bool AreKept => options.IdempotencySeconds > 0;

    // A silent Redis gets no answers: they would fill the buffers of the connection.
    private bool CanKeep => redis.Reading.IsConnected && !breakers.IsAnyOpen;

    /// <summary>The key of the answer to a transaction.</summary>
    public RedisKey KeyOf(string transactionId) => keys.Answer(keys.HashTransaction(transactionId));

    /// <summary>Hashes the fields of a request.</summary>
    public void Hash(RequestContents contents, V1.Payment payment, (string Name, string Version) model) =>
        contents.Hash(payment, model, keys.ContentSeed);

    /// <summary>Writes an answer unless there is one. Does not wait; if it fails, a repeated request is scored again.</summary>
    public void Keep(ScoringContext context, V1.Assessment assessment)
    {
        if (context.AnswerKey is { } key && CanKeep)
        {
            Keep(key, Write(context.Contents, assessment));
        }
    }

    /// <summary>
    /// Writes an answer that its caller did not get in time, once its record is kept: a repeated request then gets the published decision.
    /// </summary>
    /// <param name="context">The request. It may be used for another one as soon as this returns.</param>
    /// <param name="assessment">The answer.</param>
    /// <param name="isKept">Completes with true once the record is kept, or false if it is not.</param>
    public void KeepLater(ScoringContext context, V1.Assessment assessment, Task<bool> isKept)
    {
        if (context.AnswerKey is { } key)
        {
            _ = KeepLaterAsync(key, Write(context.Contents, assessment), isKept);
        }
    }

    /// <summary>Parses a stored answer.</summary>
    /// <param name="stored">The value in Redis.</param>
    /// <param name="contents">The request.</param>
    /// <param name="transactionId">Its transaction id.</param>
    /// <returns>The answer, or the fields that differ from those of the request it was given to; neither if the value is corrupt.</returns>
    public static (V1.Assessment? Assessment, List<string> Differing) Read(byte[] stored, RequestContents contents, string transactionId)
    {
        if (stored.Length < RequestContents.Length)
        {
            return (null, []);
        }
        var differing = contents.FindDifferences(stored);
        if (differing.Count > 0)
        {
            return (null, differing);
        }
        try
        {
            var assessment = V1.Assessment.Parser.ParseFrom(stored.AsSpan(RequestContents.Length));
            assessment.TransactionId = transactionId;
            return (assessment, []);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, []);
        }
    }

    private async Task KeepLaterAsync(RedisKey key, ReadOnlyMemory<byte> value, Task<bool> isKept)
    {
        if (await isKept && CanKeep)
        {
            Keep(key, value);
        }
    }

    private void Keep(RedisKey key, ReadOnlyMemory<byte> value)
    {
        try
        {
            // Asynchronous: the synchronous call waits for room in the buffers of a connection that nobody reads.
            _ = redis.Reading.GetDatabase().StringSetAsync(key, value, _lifetime, When.NotExists, CommandFlags.FireAndForget);
        }
        catch (Exception e) when (RedisRetry.IsTransient(e))
        {
            // The connection has just been lost.
        }
    }

    /// <summary>The value of an answer.</summary>
    public static ReadOnlyMemory<byte> Write(RequestContents contents, V1.Assessment assessment)
    {
        var size = assessment.CalculateSize();
        var bytes = new byte[RequestContents.Length + size];
        assessment.WriteTo(bytes.AsSpan(RequestContents.Length));
        // The transaction id is the first field that is written. Redis has only its keyed hash, in the key.
        var id = assessment.TransactionId.Length == 0 ? 0
            : CodedOutputStream.ComputeTagSize(V1.Assessment.TransactionIdFieldNumber)
                + CodedOutputStream.ComputeStringSize(assessment.TransactionId);
        bytes.AsSpan(RequestContents.Length + id).CopyTo(bytes.AsSpan(RequestContents.Length));
        contents.WriteTo(bytes);
        return bytes.AsMemory(0, bytes.Length - id);
    }
}
