using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>What of a payment says which segment it belongs to.</summary>
/// <param name="Channel">How it was made.</param>
/// <param name="MerchantCategory">Merchant category code, or 0 when not known.</param>
/// <param name="Country">ISO 3166-1 alpha-2, or null when not known.</param>
/// <param name="Amount">Amount in minor units of the catalogue's reference currency.</param>
public readonly record struct PaymentTraits(Channel Channel, int MerchantCategory, string? Country, long Amount)
{
    /// <summary>Takes them from a payment.</summary>
    /// <param name="payment">The payment.</param>
    /// <param name="amount">Its amount in minor units of the catalogue's reference currency.</param>
    public static PaymentTraits Create(Payment payment, long amount) => new(payment.Channel, payment.MerchantCategory, payment.Country, amount);
}
