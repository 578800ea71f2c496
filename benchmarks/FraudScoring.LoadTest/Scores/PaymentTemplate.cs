using System.Globalization;
using System.Text;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.LoadTest.Scores;

/// <summary>
/// A serialised payment of which each copy gets a transaction id and an event time of its own, in place: a load that serialised every
/// request would measure its own serialiser. A request and an event have the same bytes, because both hold the payment as field 1.
/// </summary>
internal sealed class PaymentTemplate
{
    /// <summary>Length of a transaction id: the run, a hyphen and the number.</summary>
    private const int IdLength = RunLength + 1 + NumberLength;

    private const int RunLength = 8, NumberLength = 12;

    // Seconds since 1970 take five bytes as a varint from 1978 to 3058.
    private const int SecondsLength = 5;

    private readonly byte[] _bytes;
    private readonly int _number, _seconds;
    private readonly long _eventSeconds;

    /// <param name="payment">The payment; its id is replaced.</param>
    /// <param name="run">Distinguishes the ids of one run from those of another: eight characters.</param>
    /// <param name="isFraud">Whether the simulation made it as a fraud.</param>
    public PaymentTemplate(Payment payment, string run, bool isFraud)
    {
        payment.TransactionId = Id(run, 0);
        (Payment, IsFraud, _eventSeconds) = (payment, isFraud, payment.EventTime.Seconds);
        Key = Encoding.UTF8.GetBytes(payment.CardToken);
        _bytes = new TransactionEvent { Payment = payment }.ToByteArray();
        // Tag and length of the message, of the id, of the time and the tag of its seconds stand in front of them.
        var id = 1 + CodedOutputStream.ComputeLengthSize(payment.CalculateSize()) + 2;
        (_number, _seconds) = (id + RunLength + 1, id + IdLength + 3);
    }

    /// <summary>The payment, with the id and the event time of number 0.</summary>
    public Payment Payment { get; }

    public bool IsFraud { get; }

    /// <summary>Key of its event: the card's token.</summary>
    public byte[] Key { get; }

    /// <summary>A copy with an id of its own.</summary>
    /// <param name="number">Number of the payment within the run.</param>
    /// <param name="laterSeconds">How much later than the template it is made.</param>
    /// <param name="isExplained">Whether the request asks for contributions whatever the decision.</param>
    public byte[] Copy(long number, long laterSeconds, bool isExplained = false)
    {
        var copy = new byte[_bytes.Length + (isExplained ? 2 : 0)];
        _bytes.CopyTo(copy, 0);
        for (var digit = _number + NumberLength - 1; digit >= _number; digit--, number /= 10)
        {
            copy[digit] = (byte)('0' + (number % 10));
        }
        var seconds = (ulong)(_eventSeconds + laterSeconds);
        for (var i = 0; i < SecondsLength; i++, seconds >>= 7)
        {
            copy[_seconds + i] = (byte)((seconds & 0x7F) | (i < SecondsLength - 1 ? 0x80u : 0));
        }
        if (isExplained)
        {
            (copy[^2], copy[^1]) = ((ScoreRequest.ExplainFieldNumber << 3) | 0, (byte)ExplainMode.Always);
        }
        return copy;
    }

    /// <summary>The transaction id of a number.</summary>
    public static string Id(string run, long number) => $"{run}-{number.ToString("D12", CultureInfo.InvariantCulture)}";
}
