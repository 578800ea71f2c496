namespace FraudScoring.LoadTest.Scores;

/// <summary>A time at a fixed rate.</summary>
/// <param name="Rate">Payments per second.</param>
/// <param name="Seconds">Length in seconds.</param>
internal readonly record struct Phase(double Rate, double Seconds);

/// <summary>When payments arrive, in seconds since the start of the load.</summary>
internal static class Arrivals
{
    /// <summary>
    /// Poisson arrivals, as of many independent callers: the gaps are exponential, and a phase begins without regard to the one before.
    /// </summary>
    public static IEnumerable<double> Poisson(IReadOnlyList<Phase> phases, int seed)
    {
        var random = new Random(seed);
        var start = 0.0;
        foreach (var phase in phases)
        {
            var end = start + phase.Seconds;
            for (var due = start; (due -= Math.Log(1 - random.NextDouble()) / phase.Rate) < end;)
            {
                yield return due;
            }
            start = end;
        }
    }

    /// <summary>Equal gaps, without an end.</summary>
    public static IEnumerable<double> Even(double rate)
    {
        for (var i = 0L; ; i++)
        {
            yield return i / rate;
        }
    }
}
