using System.Buffers.Binary;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Scoring;

/// <summary>
/// A hash of each field of a request, by which a repeated request is compared with the first one of its transaction id. Reused.
/// </summary>
/// <remarks>
/// The hashes are stored in Redis in place of the values, and seeded with a secret: a hash of an amount or a country alone would be as good
/// as the value. Thirty-two bits suffice: two different values count as equal once in four billion times.
/// </remarks>
internal sealed class RequestContents
{
    /// <summary>The fields in the order of their hashes, as errors name them.</summary>
    public static readonly IReadOnlyList<string> Fields =
    [
        "payment.event_time", "payment.amount", "payment.currency", "payment.card_token", "payment.account_token", "payment.device_token",
        "payment.ip_address", "payment.merchant_id", "payment.merchant_category", "payment.country", "payment.channel", "payment.location",
        "payment.attributes", "model", "model_version",
    ];

    private readonly uint[] _hashes = new uint[Fields.Count];

    /// <summary>Number of bytes that <see cref="WriteTo"/> writes.</summary>
    public static int Length => Fields.Count * sizeof(uint);

    /// <summary>Hashes the fields of a request.</summary>
    /// <param name="payment">The payment as received.</param>
    /// <param name="model">Name and version of the requested model; empty for the champion.</param>
    /// <param name="seed">The secret.</param>
    public void Hash(V1.Payment payment, (string Name, string Version) model, ulong seed)
    {
        var time = payment.EventTime;
        Span<ulong> hashes =
        [
            StableHash.Mix((ulong)time.Seconds) + (ulong)time.Nanos, Of(payment.Amount), Of(payment.Currency), Of(payment.CardToken),
            Of(payment.AccountToken), Of(payment.DeviceToken), Of(payment.IpAddress), Of(payment.MerchantId), Of(payment.MerchantCategory),
            Of(payment.Country), (ulong)payment.Channel, Of(payment.Location), Of(payment.Attributes), Of(model.Name), Of(model.Version),
        ];
        for (var i = 0; i < hashes.Length; i++)
        {
            _hashes[i] = (uint)StableHash.Mix(hashes[i] ^ seed);
        }
    }

    /// <summary>Writes the hashes.</summary>
    public void WriteTo(Span<byte> destination)
    {
        for (var i = 0; i < _hashes.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(i * sizeof(uint))..], _hashes[i]);
        }
    }

    /// <summary>The names of the fields that differ from those of an earlier request.</summary>
    /// <param name="written">The hashes of the earlier request, with the same seed.</param>
    public List<string> FindDifferences(ReadOnlySpan<byte> written)
    {
        List<string>? differing = null;
        for (var i = 0; i < _hashes.Length; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(written[(i * sizeof(uint))..]) != _hashes[i])
            {
                (differing ??= []).Add(Fields[i]);
            }
        }
        return differing ?? [];
    }

    private static ulong Of(string text) => StableHash.Compute(text);

    private static ulong Of(V1.Location? place) => place is null
        ? 0
        : StableHash.Mix(BitConverter.DoubleToUInt64Bits(place.Latitude)) ^ BitConverter.DoubleToUInt64Bits(place.Longitude) ^ 1;

    // A sum, because the order of a map means nothing.
    private static ulong Of(Google.Protobuf.Collections.MapField<string, V1.AttributeValue> attributes)
    {
        var sum = (ulong)attributes.Count;
        foreach (var (name, value) in attributes)
        {
            var content = value.ValueCase switch
            {
                V1.AttributeValue.ValueOneofCase.Number => BitConverter.DoubleToUInt64Bits(value.Number),
                V1.AttributeValue.ValueOneofCase.Flag => value.Flag ? 1UL : 0UL,
                V1.AttributeValue.ValueOneofCase.Text => Of(value.Text),
                _ => 0UL,
            };
            sum += StableHash.Mix(StableHash.Mix(content + (ulong)value.ValueCase) ^ Of(name));
        }
        return sum;
    }
}
