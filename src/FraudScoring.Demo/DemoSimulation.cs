using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Demo;

/// <summary>The payments of the demo: some weeks of history, then the days that are scored, which end yesterday.</summary>
internal sealed class DemoSimulation
{
    /// <summary>Days of history: slightly more than the longest window of a feature.</summary>
    public const int HistoryDays = 35;

    /// <summary>Days that are scored without --duration.</summary>
    public const int OpenEndedDays = 180;

    private const int MostDays = 3_600;
    private const double PaymentsPerCustomerDay = 2;

    /// <param name="demo">Rate, duration and customers say how many days are needed.</param>
    /// <param name="now">The time now; no payment lies after it.</param>
    public DemoSimulation(DemoOptions demo, DateTimeOffset now)
    {
        var days = HistoryDays + LiveDays(demo);
        Options = new SimulationOptions
        {
            Customers = demo.Customers,
            Terminals = 2 * demo.Customers,
            // So that nobody is left without a terminal: about thirty are in reach.
            Radius = Math.Min(30, 5 * Math.Sqrt(20_000.0 / demo.Customers)),
            Days = days,
            Start = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-days),
            Seed = demo.Seed,
        };
        LiveFromMs = Options.StartMs + (HistoryDays * MillisecondsPer.Day);
        EndMs = Options.StartMs + (days * MillisecondsPer.Day);
    }

    /// <summary>What is simulated.</summary>
    public SimulationOptions Options { get; }

    /// <summary>When history ends, in milliseconds since the Unix epoch.</summary>
    public long LiveFromMs { get; }

    /// <summary>When the last simulated day ends, in milliseconds since the Unix epoch.</summary>
    public long EndMs { get; }

    /// <summary>How old the oldest payment can be, in hours, with room for a run of a day.</summary>
    public int AgeHours => 24 * (Options.Days + 3);

    /// <summary>About how many payments the days of history hold.</summary>
    public long HistoryPayments => (long)(Options.Customers * PaymentsPerCustomerDay * HistoryDays);

    private static int LiveDays(DemoOptions demo)
    {
        if (demo.Duration is not { } duration)
        {
            return OpenEndedDays;
        }
        var payments = duration.TotalSeconds * demo.Rate;
        // One day more for chance, and a tenth for days with fewer payments than the mean.
        return (int)Math.Min(MostDays - HistoryDays, Math.Ceiling(1.1 * payments / (demo.Customers * PaymentsPerCustomerDay)) + 1);
    }
}
