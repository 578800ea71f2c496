using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// A legitimate stay abroad, so that a foreign country alone is no sign of fraud. On the first and last day the customer travels and
/// pays nothing in person, which keeps honest journeys below the speed of an airliner.
/// </summary>
/// <param name="City">Index among <see cref="Geography.Cities"/>.</param>
/// <param name="Travelling">True on the first and the last day.</param>
internal readonly record struct Trip(int City, bool Travelling)
{
    private const int PeriodDays = 28;
    private const double ChancePerPeriod = 0.05;

    /// <summary>Where the customer is on a day; null at home.</summary>
    public static Trip? On(ulong seed, int customer, int day)
    {
        var random = new RandomStream(seed, RandomPurpose.Trip, customer, day / PeriodDays);
        if (!random.Chance(ChancePerPeriod))
        {
            return null;
        }
        int city = random.Below(Geography.Cities.Count);
        int length = random.Between(4, 9);
        int dayOfTrip = day % PeriodDays - random.Between(0, PeriodDays - length);
        return dayOfTrip < 0 || dayOfTrip >= length ? null : new Trip(city, dayOfTrip == 0 || dayOfTrip == length - 1);
    }
}
