using FraudScoring.Core.Payments;

namespace FraudScoring.Simulation;

/// <summary>
/// What to simulate. Defaults are those of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi, chapter 3)
/// plus three further scenarios that together add about a quarter to its frauds.
/// </summary>
public sealed record SimulationOptions
{
    /// <summary>Number of customers, 1 to 1,000,000.</summary>
    public int Customers { get; init; } = 5_000;

    /// <summary>Number of terminals, 1 to 1,000,000, on the same 100 by 100 plane as the customers.</summary>
    public int Terminals { get; init; } = 10_000;

    /// <summary>The first day, UTC, 1970-01-01 to 2199-12-31.</summary>
    public DateOnly Start { get; init; } = new(2018, 4, 1);

    /// <summary>Number of days, 1 to 3,660. More days leave the payments of earlier ones as they are.</summary>
    public int Days { get; init; } = 183;

    /// <summary>The same seed and options give the same payments and labels on every machine.</summary>
    public ulong Seed { get; init; }

    /// <summary>How far from home a customer pays, in units of the plane (one is about 3.8 km), over 0 to 150.</summary>
    public double Radius { get; init; } = 5;

    /// <summary>
    /// How unequal terminals are, 0 to 1: a customer pays at the terminal of rank r with a weight of r^-MerchantSkew among those in reach.
    /// 0, as in the Handbook, makes them equally likely; 1 is Zipf's law.
    /// </summary>
    public double MerchantSkew { get; init; }

    /// <summary>Episodes of card testing per day and 1,000 customers, 0 to 100. One is about 25 payments.</summary>
    public double CardTestingRate { get; init; } = 0.07;

    /// <summary>Account take-overs per day and 1,000 customers, 0 to 100. One is 3 to 8 payments.</summary>
    public double AccountTakeoverRate { get; init; } = 0.3;

    /// <summary>Copied cards used far away, per day and 1,000 customers, 0 to 100. One is 1 to 3 payments.</summary>
    public double ImpossibleTravelRate { get; init; } = 0.5;

    /// <summary>Share of legitimate payments that are reviewed and get a legitimate label, 0 to 1.</summary>
    public double ReviewShare { get; init; } = 0.01;

    /// <summary>Share of frauds found by an analyst within hours, 0 to 1. The others come back as chargebacks, days later.</summary>
    public double AnalystShare { get; init; } = 0.4;

    /// <summary>Mean time until an analyst's label, over zero to 30 days.</summary>
    public TimeSpan AnalystDelay { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Mean time until a chargeback, 1 to 60 days. None comes in less than one day or more than ten means.</summary>
    public TimeSpan ChargebackDelay { get; init; } = TimeSpan.FromDays(7);

    /// <summary>When set, every label comes exactly this long after its payment, 0 to 365 days.</summary>
    public TimeSpan? FixedLabelDelay { get; init; }

    /// <summary>Midnight UTC of <see cref="Start"/>, in milliseconds since the Unix epoch.</summary>
    public long StartMs => (Start.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * SimulatedDay.LengthMs;

    /// <summary>Adds everything that is out of range, each under the option's name.</summary>
    public void Validate(Faults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        Check(nameof(Customers), Customers, 1, 1_000_000, faults);
        Check(nameof(Terminals), Terminals, 1, 1_000_000, faults);
        Check(nameof(Days), Days, 1, 3_660, faults);
        Check(nameof(MerchantSkew), MerchantSkew, 0, 1, faults);
        Check(nameof(CardTestingRate), CardTestingRate, 0, 100, faults);
        Check(nameof(AccountTakeoverRate), AccountTakeoverRate, 0, 100, faults);
        Check(nameof(ImpossibleTravelRate), ImpossibleTravelRate, 0, 100, faults);
        Check(nameof(ReviewShare), ReviewShare, 0, 1, faults);
        Check(nameof(AnalystShare), AnalystShare, 0, 1, faults);
        if (!(Radius > 0 && Radius <= 150))
        {
            faults.Add(nameof(Radius), "must be over 0 and at most 150");
        }
        if (Start.Year is < 1970 or > 2199)
        {
            faults.Add(nameof(Start), "must be a day from 1970-01-01 to 2199-12-31");
        }
        if (AnalystDelay <= TimeSpan.Zero || AnalystDelay > TimeSpan.FromDays(30))
        {
            faults.Add(nameof(AnalystDelay), "must be over zero and at most 30 days");
        }
        if (ChargebackDelay < TimeSpan.FromDays(1) || ChargebackDelay > TimeSpan.FromDays(60))
        {
            faults.Add(nameof(ChargebackDelay), "must be 1 to 60 days");
        }
        if (FixedLabelDelay < TimeSpan.Zero || FixedLabelDelay > TimeSpan.FromDays(365))
        {
            faults.Add(nameof(FixedLabelDelay), "must be 0 to 365 days");
        }
    }

    private static void Check(string option, double value, double least, double most, Faults faults)
    {
        if (!(value >= least && value <= most))
        {
            faults.Add(option, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be {least:#,0} to {most:#,0}"));
        }
    }
}
