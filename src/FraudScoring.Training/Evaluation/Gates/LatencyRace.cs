using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>
/// How long one payment takes in both graphs. They run in turn on the same payments, so that whatever else the machine does slows both;
/// only their ratio is judged.
/// </summary>
/// <param name="ChallengerMicroseconds">The challenger's median.</param>
/// <param name="ChampionMicroseconds">The champion's median.</param>
/// <param name="Runs">Runs of each.</param>
internal sealed record LatencyRace(double ChallengerMicroseconds, double ChampionMicroseconds, int Runs)
{
    /// <summary>Challenger over champion.</summary>
    public double Ratio => ChallengerMicroseconds / ChampionMicroseconds;

    /// <summary>Runs both in turn, each first every other time.</summary>
    public static LatencyRace Run(Ensemble challenger, Ensemble champion, IReadOnlyList<float[]> rows, int runs, TimeProvider time, IProgress<int> progress)
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

    /// <summary>The gate; without a race there is no champion.</summary>
    public static GateResult Gate(LatencyRace? race, LatencySettings settings) => race is null
        ? GateResult.NotApplicable(GateNames.Latency, settings.RatioAtMost, false, "There is no champion to compare with.")
        : GateResult.AtMost(GateNames.Latency, race.Ratio, settings.RatioAtMost, string.Create(CultureInfo.InvariantCulture,
            $"Median time of one payment in the challenger's graph over that in the champion's, run in turn {race.Runs:#,0} times on this machine."));

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
