using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

/// <summary>
/// Generated rows like those of payments: skewed amounts, counts, a category code, missing values, and rare frauds that depend on
/// interactions.
/// </summary>
internal static class SyntheticRows
{
    public const int Category = 4;
    private static readonly string[] Names = ["amount", "count_1h", "hour", "ratio", "merchant_category", "speed", "tenth", "noise"];

    public static TrainingMatrix Make(int rows, int seed, bool missing = true)
    {
        var random = new Random(seed);
        var builder = new TrainingMatrixBuilder(Names, [Category]);
        var row = new float[Names.Length];
        for (var i = 0; i < rows; i++)
        {
            Fill(row, random);
            var fraud = random.NextDouble() < Logistic.Sigmoid(Score(row)) ? 1 : 0;
            for (var f = 0; missing && f < row.Length; f++)
            {
                row[f] = random.NextDouble() < 0.08 ? float.NaN : row[f];
            }
            builder.Add(row, fraud);
        }
        return builder.Build();
    }

    /// <summary>Rows with extreme inputs: infinities, largest values, zeros of both signs, unknown categories, only NaN.</summary>
    public static TrainingMatrix Extremes()
    {
        float[] values =
        [
            float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, 0, -0f,
            float.Epsilon, -float.Epsilon, 1e-35f, -1e-35f, 2e-35f, 0.5f, -0.5f, 2.7f, -1, 41, 1e9f, 3e9f,
        ];
        var builder = new TrainingMatrixBuilder(Names, [Category]);
        var usual = Make(200, seed: 99, missing: false);
        foreach (var value in values)
        {
            builder.Add(Enumerable.Repeat(value, Names.Length).ToArray(), 0);
            for (var f = 0; f < Names.Length; f++)
            {
                for (var i = 0; i < 10; i++)
                {
                    var row = usual.Row(f * 10 + i).ToArray();
                    row[f] = value;
                    builder.Add(row, 0);
                }
            }
        }
        return builder.Build();
    }

    private static void Fill(float[] row, Random random)
    {
        row[0] = (float)Math.Exp(3.5 + 1.1 * Normal(random));
        row[1] = (float)Math.Floor(-Math.Log(1 - random.NextDouble()) * 2);
        row[2] = (float)(24 * random.NextDouble());
        row[3] = (float)Math.Exp(0.8 * Normal(random));
        row[Category] = random.Next(40);
        row[5] = (float)(-400 * Math.Log(1 - random.NextDouble()));
        row[6] = random.Next(-5, 6) / 10f;
        row[7] = (float)Normal(random);
    }

    private static double Score(float[] row) =>
        -5.5 + (row[0] > 120 ? 0.9 : 0) + 0.35 * row[1] + (row[3] > 2.5 ? 1.2 : 0) + (row[5] > 900 && row[6] > 0 ? 2.2 : 0)
        + (row[2] < 6 ? 1.1 : 0) + ((int)row[Category] * 7 % 40 < 6 ? 1.5 : 0) + 0.2 * row[7];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
