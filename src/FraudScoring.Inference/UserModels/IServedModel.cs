using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.UserModels;

/// <summary>A loaded and warmed model that is served by its tensors: a bundle or a user model.</summary>
public interface IServedModel : IDisposable
{
    /// <summary>Name and version.</summary>
    ModelId Id { get; }

    /// <summary>The kind of model, for the protocol's metadata.</summary>
    string Platform { get; }

    /// <summary>The inputs.</summary>
    IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>The outputs.</summary>
    IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Largest number of rows in a request.</summary>
    int MaxRows { get; }

    /// <summary>Why its outputs cannot be explained; null if they can.</summary>
    string? WhyNotExplained { get; }

    /// <summary>True if the model accepts NaN as a missing value.</summary>
    bool TakesMissing { get; }

    /// <summary>Where it runs, and why not elsewhere, as the end of a sentence.</summary>
    string Placement { get; }

    /// <summary>Stops the model from being used after repeated failures. Requests must run it through <see cref="GuardedRun"/>.</summary>
    Quarantine Quarantine { get; }

    /// <summary>Runs the model on tensors that <see cref="TensorCheck"/> has accepted.</summary>
    /// <param name="inputs">All inputs, in any order.</param>
    /// <param name="outputs">The requested outputs.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="ModelRunException">The model could not be run on these tensors.</exception>
    ModelAnswer Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken);

    /// <summary>
    /// Computes exact contributions of the features to the margin: the tensors <see cref="Explanation.Contributions"/> and
    /// <see cref="Explanation.BaseValue"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model cannot be explained: see <see cref="WhyNotExplained"/>.</exception>
    Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken);
}

/// <summary>A model's answer.</summary>
/// <param name="Tensors">The requested outputs, in their order.</param>
/// <param name="Device">Name of the device that ran the model.</param>
public sealed record ModelAnswer(IReadOnlyList<Tensor> Tensors, string Device);

/// <summary>A model could not be run on the given tensors.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">The exception of the runtime.</param>
/// <param name="isOfModel">True if the model is at fault: it must accept all values of the types and shapes of its inputs.</param>
public sealed class ModelRunException(string message, Exception inner, bool isOfModel = false) : Exception(message, inner)
{
    /// <summary>True if the model is at fault, not its inputs.</summary>
    public bool IsOfModel => isOfModel;
}

/// <summary>Names of the tensors that explain a model's outputs.</summary>
public static class Explanation
{
    /// <summary>Output, double [rows, features]: the contribution of each feature to the margin.</summary>
    public const string Contributions = "contributions";

    /// <summary>Output, double [rows, 1]: the margin if no feature is known.</summary>
    public const string BaseValue = "base_value";

    /// <summary>Creates both tensors, explaining one row after the other.</summary>
    /// <param name="values">The rows.</param>
    /// <param name="features">Number of columns of a row.</param>
    /// <param name="explain">Writes the contributions of a row, and returns the base value.</param>
    /// <param name="cancellationToken">Stops between two rows.</param>
    public static Tensor[] Create(
        ReadOnlySpan<float> values, int features, Func<float[], double[], double> explain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(explain);
        var rows = features == 0 ? 0 : values.Length / features;
        var (row, own) = (new float[features], new double[features]);
        var (contributions, bases) = (new double[rows * features], new double[rows]);
        for (var r = 0; r < rows; r++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            values.Slice(r * features, features).CopyTo(row);
            own.AsSpan().Clear();
            bases[r] = explain(row, own);
            own.CopyTo(contributions, r * features);
        }
        return
        [
            new Tensor(Contributions, TensorType.Fp64, [rows, features], BytesOf(contributions)),
            new Tensor(BaseValue, TensorType.Fp64, [rows, 1], BytesOf(bases)),
        ];
    }

    private static byte[] BytesOf(double[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
