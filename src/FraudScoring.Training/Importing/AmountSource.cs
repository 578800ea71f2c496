namespace FraudScoring.Training.Importing;

/// <summary>A column of amounts.</summary>
/// <param name="Column">Index of the column.</param>
internal sealed record AmountSource(int Column)
{
    /// <summary>
    /// True to round to the currency's minor unit, for amounts that were stored as binary fractions, such as 285.79999999999995.
    /// </summary>
    public bool Round { get; init; }

    /// <summary>True if amounts are whole minor units: 1234 for 12.34 EUR.</summary>
    public bool MinorUnits { get; init; }

    /// <summary>True if negative amounts are payments and positive ones refunds, as in account statements; false for the reverse.</summary>
    public bool NegativeIsPayment { get; init; }
}
