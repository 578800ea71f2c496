using System.Text.Json.Serialization;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// What the members' mistakes weigh while they are fitted. Stacker and calibration see every payment alike, so probabilities stay honest.
/// </summary>
/// <remarks>
/// A fraud that weighs w raises log-odds by ln w, which is taken off the members' margins again: what remains of the weight is where
/// trees split, and how strong a penalty is beside a fraud. A weight by amount changes no log-odds at all, since the amount is a
/// feature: it only says for which payments they should be most exact.
/// </remarks>
internal sealed record LossWeights
{
    private const string Amount = "amount";
    private const double MostByAmount = 10;

    /// <summary>What a fraud weighs beside a legitimate payment, 0.01 to 1,000; 1 for the same.</summary>
    public double Fraud { get; init; } = 1;

    /// <summary>A payment weighs (amount / mean amount) to this power, within a tenth and ten times, 0 to 1; 0 for all the same.</summary>
    public double AmountPower { get; init; }

    /// <summary>What the weight of frauds adds to log-odds.</summary>
    [JsonIgnore]
    public double Shift => Math.Log(Fraud);

    public void Check(Faults faults)
    {
        ParameterRange.Within("weights.Fraud", Fraud, 0.01, 1_000, faults);
        ParameterRange.Within("weights.AmountPower", AmountPower, 0, 1, faults);
    }

    /// <summary>The rows with these weights.</summary>
    /// <exception cref="ArgumentException">Amounts are to count, and no feature is named amount.</exception>
    public TrainingMatrix Apply(TrainingMatrix rows)
    {
        if (Fraud == 1 && AmountPower == 0)
        {
            return rows;
        }
        var column = AmountPower == 0 ? -1 : ColumnOf(rows);
        var mean = column < 0 ? 1 : Mean(rows, column);
        return rows.Weighed(row => (rows.Labels[row] > 0 ? Fraud : 1) * (column < 0 ? 1 : ByAmount(rows.Row(row)[column] / mean)));
    }

    private double ByAmount(double relative) =>
        double.IsNaN(relative) ? 1 : Math.Clamp(Math.Pow(Math.Max(relative, 0), AmountPower), 1 / MostByAmount, MostByAmount);

    private static int ColumnOf(TrainingMatrix rows)
    {
        var column = rows.FeatureNames.ToList().IndexOf(Amount);
        return column >= 0 ? column : throw new ArgumentException(
            new Fault("weights.AmountPower", $"needs a feature named '{Amount}': add it to the catalogue, or leave amounts out").ToString());
    }

    private static double Mean(TrainingMatrix rows, int column)
    {
        var (sum, count) = (0.0, 0);
        for (var row = 0; row < rows.Rows; row++)
        {
            var amount = rows.Row(row)[column];
            (sum, count) = float.IsFinite(amount) ? (sum + amount, count + 1) : (sum, count);
        }
        return sum > 0 ? sum / count : 1;
    }
}
