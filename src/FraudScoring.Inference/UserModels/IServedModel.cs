using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Inference.UserModels;

/// <summary>A loaded, warmed model that is served by its tensors: a bundle of ours, or a user model.</summary>
public interface IServedModel : IDisposable
{
    /// <summary>Its name and version.</summary>
    ModelId Id { get; }

    /// <summary>What kind of model it is, as the protocol's metadata tells.</summary>
    string Platform { get; }

    /// <summary>What it takes.</summary>
    IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>What it gives.</summary>
    IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Most rows of a request.</summary>
    int MaxRows { get; }

    /// <summary>Why its outputs cannot be explained; null when they can.</summary>
    string? WhyNotExplained { get; }

    /// <summary>NaN among its inputs is a missing value, for which it has an answer.</summary>
    bool TakesMissing { get; }

    /// <summary>Where it runs, and why not elsewhere; for people.</summary>
    string Placement { get; }

    /// <summary>Keeps it away after failures. Those who run it for others do so by <see cref="GuardedRun"/>.</summary>
    Quarantine Quarantine { get; }

    /// <summary>Runs it on tensors that <see cref="TensorCheck"/> has found to fit.</summary>
    /// <param name="inputs">All its inputs, in any order.</param>
    /// <param name="outputs">Which of its outputs are wanted.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="ModelRunException">It could not be run on these tensors.</exception>
    ModelAnswer Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<TensorSpec> outputs, CancellationToken cancellationToken);

    /// <summary>
    /// Exact contributions of the features to the margin: the tensors <see cref="Explanation.Contributions"/> and
    /// <see cref="Explanation.BaseValue"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It cannot be explained: see <see cref="WhyNotExplained"/>.</exception>
    Tensor[] Explain(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken);
}

/// <summary>What a model gave.</summary>
/// <param name="Tensors">The outputs that were wanted, in their order.</param>
/// <param name="Device">Name of the device that ran it.</param>
public sealed record ModelAnswer(IReadOnlyList<Tensor> Tensors, string Device);

/// <summary>A model could not be run on the tensors it was given.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What the runtime says.</param>
/// <param name="isOfModel">The model itself is to blame: it has to take every value of its inputs' types and shapes.</param>
public sealed class ModelRunException(string message, Exception inner, bool isOfModel = false) : Exception(message, inner)
{
    /// <summary>The model itself is to blame, and not what it was given.</summary>
    public bool IsOfModel => isOfModel;
}

/// <summary>Names of the tensors that explain a model's outputs.</summary>
public static class Explanation
{
    /// <summary>Output, double [rows, features]: what each feature added to the margin.</summary>
    public const string Contributions = "contributions";

    /// <summary>Output, double [rows, 1]: the margin before anything is known of the row.</summary>
    public const string BaseValue = "base_value";

    /// <summary>Both, from rows that are explained one by one.</summary>
    /// <param name="values">Row by row.</param>
    /// <param name="features">Columns of a row.</param>
    /// <param name="explain">Explains a row into its contributions, and gives the base value.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Tensor[] Create(ReadOnlySpan<float> values, int features, Func<float[], double[], double> explain, CancellationToken cancellationToken)
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
