using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Tests.Training.Learners;

/// <summary>Synthetic rows an hour apart, whose frauds become known some days later.</summary>
internal static class TimedRows
{
    public const long HourMs = MillisecondsPer.Hour;

    public static TrainingMatrix Make(int rows, int seed, int delayDays)
    {
        var plain = SyntheticRows.Make(rows, seed);
        var builder = new TrainingMatrixBuilder(plain.FeatureNames, plain.CategoricalFeatures);
        for (var row = 0; row < rows; row++)
        {
            var known = plain.Labels[row] > 0 ? (row + (24L * delayDays)) * HourMs : long.MaxValue;
            builder.Add(plain.Row(row), plain.Labels[row], 1, new RowOrigin(row * HourMs, new FraudTimes(known)));
        }
        return builder.Build();
    }
}
