using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The time both graphs take for one payment. Only the ratio is judged.</summary>
/// <remarks>
/// The graphs alternate on the same payments, so that other load and clock changes slow both alike; timing one graph after the other would
/// compare two states of the machine. Each graph goes first every other time, because the second one finds the row in the caches. The
/// median ignores pauses of the garbage collector and the scheduler. An absolute limit would judge the machine, not the model.
/// </remarks>
/// <param name="ChallengerMicroseconds">The challenger's median time.</param>
/// <param name="ChampionMicroseconds">The champion's median time.</param>
/// <param name="Runs">Number of runs of each graph.</param>
internal sealed record LatencyRace(double ChallengerMicroseconds, double ChampionMicroseconds, int Runs)
{
    /// <summary>The challenger's median divided by the champion's.</summary>
    public double Ratio => ChallengerMicroseconds / ChampionMicroseconds;

    public static LatencyRace Run(
        Ensemble challenger, Ensemble champion, IReadOnlyList<float[]> rows, int runs, TimeProvider time, IProgress<int> progress)
    {
        double[] ours = new double[runs], theirs = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var row = rows[i % rows.Count];
            if (i % 2 == 0)
            {
                ours[i] = Time(challenger, row, time);
                theirs[i] = Time(champion, row, time);
            }
            else
            {
                theirs[i] = Time(champion, row, time);
                ours[i] = Time(challenger, row, time);
            }
            progress.Report(i + 1);
        }
        return new LatencyRace(Median(ours), Median(theirs), runs);
    }

    /// <summary>Judges the ratio. The gate is not applicable without a race, which means there is no champion.</summary>
    public static GateResult Gate(LatencyRace? race, LatencySettings settings) => race is null
        ? GateResult.NotApplicable(GateNames.Latency, settings.RatioAtMost, false, "There is no champion to compare with.")
        : GateResult.AtMost(GateNames.Latency, race.Ratio, settings.RatioAtMost, string.Create(CultureInfo.InvariantCulture,
            $"Median time of one payment in the challenger's graph divided by the champion's, "
                + $"over {race.Runs:#,0} alternating runs of each on this machine."));

    private static double Time(Ensemble ensemble, float[] row, TimeProvider time)
    {
        Span<float> margins = stackalloc float[ensemble.Bundle.Manifest.Members.Count];
        var start = time.GetTimestamp();
        ensemble.Run(row, margins);
        return time.GetElapsedTime(start).TotalMicroseconds;
    }

    private static double Median(double[] times)
    {
        Array.Sort(times);
        return (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
    }
}
