using FraudScoring.Floor;
using Google.Protobuf;

namespace FraudScoring.LoadTest.Scores;

/// <summary>The request to the floor: 300 bytes.</summary>
internal static class FloorCall
{
    // A tag and a length of two bytes stand in front of the payment.
    private const int PaymentLength = 300 - 3;

    public static readonly byte[] Message = new FloorRequest { Payment = ByteString.CopyFrom(new byte[PaymentLength]) }.ToByteArray();
}
