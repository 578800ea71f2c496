using System.Text.Json.Serialization;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Weights of payments in the loss of the members. Stacker and calibration weigh all payments equally, so probabilities stay calibrated.
/// </summary>
/// <remarks>
/// A weight w of frauds multiplies the odds that a member learns by w: its log-odds rise by ln w, which is subtracted from its margins
/// after training. What remains of the weight is its effect on the splits of trees, and on the balance between loss and penalty. Without
/// the subtraction, the stacker's bias would absorb the shift, but a member's margin would no longer be its log-odds, and members trained
/// with different weights could not be compared. A weight by amount shifts nothing, because the amount is a feature: payments of the same
/// amount have the same weight. It only decides for which payments the members are most accurate.
/// </remarks>
internal sealed record LossWeights
{
    private const string Amount = "amount";
    private const double MostByAmount = 10;

    /// <summary>Weight of a fraud relative to a legitimate payment, 0.01 to 1,000; 1 for equal weights.</summary>
    public double Fraud { get; init; } = 1;

    /// <summary>
    /// The weight of a payment is (amount / mean amount) to this power, limited to 0.1 to 10. The power is 0 to 1; 0 for equal weights.
    /// </summary>
    public double AmountPower { get; init; }

    /// <summary>The shift of the log-odds caused by the weight of frauds: its natural logarithm.</summary>
    [JsonIgnore]
    public double Shift => Math.Log(Fraud);

    public void Check(Faults faults)
    {
        ParameterRange.Within("weights.Fraud", Fraud, 0.01, 1_000, faults);
        ParameterRange.Within("weights.AmountPower", AmountPower, 0, 1, faults);
    }

    /// <summary>The rows, with their weights multiplied by these weights.</summary>
    /// <exception cref="ArgumentException"><see cref="AmountPower"/> is above 0, and no feature is named amount.</exception>
    public TrainingMatrix Apply(TrainingMatrix rows)
    {
        if (Fraud == 1 && AmountPower == 0)
        {
            return rows;
        }
        var column = AmountPower == 0 ? -1 : ColumnOf(rows);
        var mean = column < 0 ? 1 : Mean(rows, column);
        return rows.Weighed(row =>
            (rows.Labels[row] > 0 ? Fraud : 1) * (column < 0 ? 1 : ByAmount(rows.Row(row)[column] / mean)));
    }

    private double ByAmount(double relative) =>
        double.IsNaN(relative) ? 1 : Math.Clamp(Math.Pow(Math.Max(relative, 0), AmountPower), 1 / MostByAmount, MostByAmount);

    private static int ColumnOf(TrainingMatrix rows)
    {
        var column = rows.FeatureNames.ToList().IndexOf(Amount);
        return column >= 0 ? column : throw new ArgumentException(
            new Fault("weights.AmountPower", $"needs a feature named '{Amount}': add it to the catalogue, or set it to 0").ToString());
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
