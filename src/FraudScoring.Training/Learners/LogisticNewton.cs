using System.Numerics;

namespace FraudScoring.Training.Learners;

/// <summary>Writes the inputs of one row.</summary>
internal delegate void RowFiller(int row, Span<double> inputs);

/// <summary>Result of <see cref="LogisticNewton"/>.</summary>
/// <param name="Weights">One per column, followed by the bias.</param>
/// <param name="Loss">Sum of the logistic losses, plus the penalty.</param>
/// <param name="Iterations">Number of Newton steps.</param>
/// <param name="Converged">False if the steps ran out before the minimum was reached.</param>
internal sealed record LogisticFit(double[] Weights, double Loss, int Iterations, bool Converged);

/// <summary>
/// Logistic regression with an L2 penalty on all weights except the bias, by Newton's method with step halving.
/// </summary>
/// <remarks>
/// The loss is convex, so there is one minimum, and with a few dozen columns Newton's method reaches it in a few passes over the rows
/// without a learning rate to tune. Sums of doubles depend on the order of addition: rows are therefore summed in a fixed number of parts
/// that are added in a fixed order, so the result does not depend on the number of cores. The cost: at most <see cref="Parts"/> of them
/// work.
/// </remarks>
internal sealed class LogisticNewton(int rows, int columns, RowFiller read, Func<int, float> label, Func<int, float> weight, double ridge)
{
    private const int Parts = 8;
    private const int MostSteps = 50;
    private const int MostHalvings = 30;
    private const double Tolerance = 1e-10;
    private readonly int _size = columns + 1;

    /// <param name="bias">Initial value of the bias; the weights start at 0.</param>
    /// <param name="progress">Receives the share of steps taken.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public LogisticFit Fit(double bias, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var weights = new double[_size];
        weights[columns] = bias;
        var at = Evaluate(weights, cancellation);
        for (var step = 1; step <= MostSteps; step++)
        {
            progress?.Report((double)step / MostSteps);
            var direction = Cholesky.Solve(at.Hessian, at.Gradient);
            var decrement = Dot(direction, at.Gradient);
            if (decrement <= Tolerance * (1 + at.Loss))
            {
                return new LogisticFit(weights, at.Loss, step - 1, Converged: true);
            }
            if (Search(weights, direction, at, decrement, cancellation) is not { } next)
            {
                return new LogisticFit(weights, at.Loss, step - 1, Converged: false);
            }
            (weights, at) = next;
        }
        return new LogisticFit(weights, at.Loss, MostSteps, Converged: false);
    }

    private (double[] Weights, Point At)? Search(
        double[] weights, double[] direction, Point at, double decrement, CancellationToken cancellation)
    {
        var scale = 1.0;
        for (var halving = 0; halving < MostHalvings; halving++, scale /= 2)
        {
            var candidate = new double[_size];
            for (var i = 0; i < _size; i++)
            {
                candidate[i] = weights[i] - scale * direction[i];
            }
            var next = Evaluate(candidate, cancellation);
            // Armijo's rule: without a least gain per step, ever smaller steps could stop before the minimum.
            if (next.Loss <= at.Loss - 1e-4 * scale * decrement)
            {
                return (candidate, next);
            }
        }
        return null;
    }

    private Point Evaluate(double[] weights, CancellationToken cancellation)
    {
        var parts = new Point[Parts];
        var options = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, Parts, options, part =>
            parts[part] = Sum(weights, (int)((long)rows * part / Parts), (int)((long)rows * (part + 1) / Parts)));
        var total = parts[0];
        for (var part = 1; part < Parts; part++)
        {
            total = total.Add(parts[part]);
        }
        for (var i = 0; i < columns; i++)
        {
            total.Gradient[i] += ridge * weights[i];
            total.Hessian[i * _size + i] += ridge;
            total = total with { Loss = total.Loss + ridge / 2 * weights[i] * weights[i] };
        }
        return total;
    }

    private Point Sum(double[] weights, int from, int to)
    {
        var sum = new Point(0, new double[_size], new double[_size * _size]);
        var inputs = new double[_size];
        var loss = 0.0;
        for (var row = from; row < to; row++)
        {
            read(row, inputs.AsSpan(0, columns));
            inputs[columns] = 1;
            var (margin, w) = (Dot(inputs, weights), weight(row));
            var probability = Logistic.Sigmoid(margin);
            loss += w * Logistic.Loss(margin, label(row));
            AddScaled(sum.Gradient, inputs, w * (probability - label(row)));
            var curvature = w * probability * (1 - probability);
            for (var i = 0; i < _size; i++)
            {
                AddScaled(sum.Hessian.AsSpan(i * _size, i + 1), inputs, curvature * inputs[i]);
            }
        }
        return sum with { Loss = loss };
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    // A separate multiplication and addition: fused ones round once instead of twice, and not every machine has them.
    private static void AddScaled(Span<double> target, ReadOnlySpan<double> source, double factor)
    {
        if (factor == 0)
        {
            return;
        }
        var i = 0;
        for (; i <= target.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(target[i..]) + new Vector<double>(source[i..]) * factor).CopyTo(target[i..]);
        }
        for (; i < target.Length; i++)
        {
            target[i] += source[i] * factor;
        }
    }

    private readonly record struct Point(double Loss, double[] Gradient, double[] Hessian)
    {
        public Point Add(Point other)
        {
            AddScaled(Gradient, other.Gradient, 1);
            AddScaled(Hessian, other.Hessian, 1);
            return this with { Loss = Loss + other.Loss };
        }
    }
}
