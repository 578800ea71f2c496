using FraudScoring.Core.Catalogue;

namespace FraudScoring.Server.Features;

/// <summary>The exchange rates in force. Payments that are being converted keep the rates they began with.</summary>
internal sealed class RatesSlot(ExchangeRates initial)
{
    private ExchangeRates _current = initial;

    public ExchangeRates Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
