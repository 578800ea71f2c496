using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>The values of a payment that select its segment.</summary>
/// <param name="Channel">How the payment was made.</param>
/// <param name="MerchantCategory">Merchant category code; 0 if unknown.</param>
/// <param name="Country">ISO 3166-1 alpha-2 code; null if unknown.</param>
/// <param name="Amount">Amount in minor units of the catalogue's reference currency; negative if it is unknown.</param>
public readonly record struct PaymentTraits(Channel Channel, int MerchantCategory, string? Country, long Amount)
{
    /// <summary>Reads the traits of a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">Its amount in minor units of the catalogue's reference currency.</param>
    public static PaymentTraits Create(Payment payment, long amount) =>
        new(payment.Channel, payment.MerchantCategory, payment.Country, amount);
}
