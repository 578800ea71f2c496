using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

internal sealed record LogisticRegressionParameters
{
    /// <summary>L2 penalty on the weights of the standardised features, above 0 to 1,000,000.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Standardised values are clipped to ± this, 1 to 100, so that one extreme value cannot decide alone.</summary>
    public float Clip { get; init; } = 6;

    public void Check(Faults faults)
    {
        if (!(L2 > 0 && L2 <= 1_000_000))
        {
            faults.Add("linear.L2", "must be above 0 and not above 1,000,000");
        }
        if (!(Clip >= 1 && Clip <= 100))
        {
            faults.Add("linear.Clip", "must be 1 to 100");
        }
    }
}

/// <summary>
/// The linear member: z = clip((x - mean) / scale, ±clip), and 0 if x is missing; margin = z · weights + bias, in log-odds.
/// Parameters are float32, as exported; margins compute z in float32, as the graph does, and the sum in double.
/// </summary>
/// <param name="Mean">Mean of the finite training values, per feature.</param>
/// <param name="Scale">Their standard deviation, per feature, above 0.</param>
/// <param name="Clip">Above 0.</param>
/// <param name="Weights">One per feature.</param>
/// <param name="Bias">Log-odds of a row of means.</param>
/// <param name="Converged">False if the optimiser ran out of steps.</param>
/// <param name="Iterations">Number of Newton steps.</param>
internal sealed record LogisticRegression(
    float[] Mean, float[] Scale, float Clip, float[] Weights, float Bias, bool Converged, int Iterations) : IEnsembleMember
{
    /// <exception cref="ArgumentException">A parameter is out of range, or a class is missing.</exception>
    public static LogisticRegression Fit(
        TrainingMatrix matrix,
        LogisticRegressionParameters parameters,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var faults = new Faults();
        parameters.Check(faults);
        faults.ThrowIfAny();
        TwoClasses.Check(matrix, "training");
        var (mean, scale) = Standardisation(matrix);
        var unfitted = new LogisticRegression(mean, scale, parameters.Clip, new float[matrix.Features], 0, false, 0);
        var newton = new LogisticNewton(
            matrix.Rows, matrix.Features, (row, inputs) => unfitted.Standardise(matrix.Row(row), inputs),
            row => matrix.Labels[row], row => matrix.Weights[row], parameters.L2);
        var fit = newton.Fit(Logistic.Logit((double)matrix.Frauds / matrix.Rows), progress, cancellation);
        var weights = Array.ConvertAll(fit.Weights, w => (float)w);
        return unfitted with { Weights = weights[..^1], Bias = weights[^1], Converged = fit.Converged, Iterations = fit.Iterations };
    }

    public double[] PredictMargins(TrainingMatrix matrix)
    {
        if (matrix.Features != Weights.Length)
        {
            throw new ArgumentException(
                $"the regression was fitted on {Weights.Length} features, the rows have {matrix.Features}", nameof(matrix));
        }
        var margins = new double[matrix.Rows];
        var inputs = new double[Weights.Length];
        for (var row = 0; row < margins.Length; row++)
        {
            Standardise(matrix.Row(row), inputs);
            var margin = (double)Bias;
            for (var i = 0; i < inputs.Length; i++)
            {
                margin += inputs[i] * Weights[i];
            }
            margins[row] = margin;
        }
        return margins;
    }

    /// <summary>The same regression with all margins reduced by a number.</summary>
    public LogisticRegression Lowered(double by) => this with { Bias = (float)(Bias - by) };

    private void Standardise(ReadOnlySpan<float> row, Span<double> inputs)
    {
        for (var i = 0; i < row.Length; i++)
        {
            inputs[i] = float.IsNaN(row[i]) ? 0 : Math.Clamp((row[i] - Mean[i]) / Scale[i], -Clip, Clip);
        }
    }

    private static (float[] Mean, float[] Scale) Standardisation(TrainingMatrix matrix)
    {
        var (count, mean, squares) = (new long[matrix.Features], new double[matrix.Features], new double[matrix.Features]);
        for (var row = 0; row < matrix.Rows; row++)
        {
            var values = matrix.Row(row);
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i]))
                {
                    var delta = values[i] - mean[i];
                    mean[i] += delta / ++count[i];
                    squares[i] += delta * (values[i] - mean[i]);
                }
            }
        }
        var scale = new float[matrix.Features];
        for (var i = 0; i < scale.Length; i++)
        {
            // A constant feature carries no information; with scale 1 it is 0 for the value seen in training.
            var deviation = count[i] > 0 ? (float)Math.Sqrt(squares[i] / count[i]) : 0;
            scale[i] = float.IsNormal(deviation) ? deviation : 1;
        }
        return (Array.ConvertAll(mean, m => (float)m), scale);
    }
}
