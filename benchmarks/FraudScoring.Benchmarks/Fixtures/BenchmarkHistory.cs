using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>Simulated payments: a history that fills the profiles, and the payments after it, which are scored.</summary>
/// <remarks>
/// The history is as long as the catalogue's longest windows, so profiles have their production size. The seed is fixed; only the dates
/// follow the clock, because the service refuses old payments.
/// </remarks>
internal sealed class BenchmarkHistory
{
    /// <summary>Number of payments that are scored in turn.</summary>
    public const int Scored = 256;

    private const int Days = 36;

    private BenchmarkHistory(List<SimulatedEvent> past, Payment[] next) => (Past, Next) = (past, next);

    /// <summary>Payments and labels, oldest first.</summary>
    public IReadOnlyList<SimulatedEvent> Past { get; }

    /// <summary>The first payments after the history.</summary>
    public Payment[] Next { get; }

    /// <summary>Simulates the days before today. Payments of the last day are scored.</summary>
    public static BenchmarkHistory Before(DateTimeOffset now)
    {
        var options = new SimulationOptions
        {
            Customers = 400,
            Terminals = 800,
            Start = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-Days),
            Days = Days,
            Seed = 7,
        };
        var lastDayMs = options.StartMs + ((Days - 1) * MillisecondsPer.Day);
        var events = PaymentSimulator.Run(options).Where(one => one.TimeMs < lastDayMs + MillisecondsPer.Day).ToList();
        var past = events.TakeWhile(one => one.TimeMs < lastDayMs).ToList();
        return new BenchmarkHistory(past, [.. events.Skip(past.Count).Select(one => one.Payment).OfType<Payment>().Take(Scored)]);
    }
}
