using FraudScoring.Inference.Attribution;
using FraudScoring.Inference.Contracts;
using FraudScoring.Onnx;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Export;

/// <summary>Checks, before a bundle is written, that the explanations of its scores are exact on rows of the log.</summary>
/// <remarks>
/// Explanations are computed from the exported graph by our own TreeSHAP, so an error there would not show in any score. The sum over
/// features must equal the margin, which finds missing parts. Each feature must equal LightGBM's own contribution for the members that
/// LightGBM trained, which finds shares credited to the wrong feature; a sum cannot.
/// </remarks>
internal static class ExplanationParity
{
    /// <summary>The largest accepted difference, in log-odds.</summary>
    public const double Tolerance = 1e-4;

    private const int MostRows = 500;

    /// <summary>
    /// Compares the sum of the contributions with the trainer's margin, and the contributions of LightGBM's members with LightGBM's own,
    /// on at most 500 rows.
    /// </summary>
    /// <returns>The largest difference, in log-odds.</returns>
    /// <exception cref="InvalidDataException">The difference exceeds <see cref="Tolerance"/>; the graph must not be used.</exception>
    public static double Check(ModelProto graph, TrainedEnsemble ensemble, TrainingMatrix matrix)
    {
        var rows = matrix.Slice(0, Math.Min(MostRows, matrix.Rows));
        var grown = new (string Name, Func<EnsembleMembers, GrownTrees> Select)[]
        {
            (EnsembleGraph.Trees, members => members.Trees), (EnsembleGraph.Forest, members => members.Forest),
        };
        var largest = grown.Where(member => ensemble.Members.Present.Contains(member.Name))
            .Select(member => OfMember(graph, member.Name, member.Select(ensemble.Members), rows))
            .Append(OfSums(EnsembleExplainer.Load(graph), ensemble, rows)).Max();
        return largest <= Tolerance ? largest : throw new InvalidDataException(
            $"explanations differ by {largest:0.0e+0} in log-odds from the margin or from LightGBM's contributions; "
            + $"at most {Tolerance:0.0e+0} is accepted, so no bundle was written");
    }

    private static double OfSums(EnsembleExplainer explainer, TrainedEnsemble ensemble, TrainingMatrix rows)
    {
        var margins = ensemble.PredictMargins(rows);
        var contributions = new double[rows.Features];
        double largest = 0;
        for (var row = 0; row < rows.Rows; row++)
        {
            var sum = explainer.Explain(rows.Row(row), contributions) + contributions.Sum();
            largest = Math.Max(largest, Math.Abs(sum - margins[row]));
        }
        return largest;
    }

    private static double OfMember(ModelProto graph, string member, GrownTrees trees, TrainingMatrix rows)
    {
        var shap = new TreeShap(TreeEnsembleReader.Parse(graph, member), rows.Features);
        var expected = trees.PredictContributions(rows);
        var contributions = new double[rows.Features];
        double largest = 0;
        for (var row = 0; row < rows.Rows; row++)
        {
            Array.Clear(contributions);
            shap.AddContributions(rows.Row(row), 1, contributions);
            var own = expected.AsSpan(row * (rows.Features + 1), rows.Features + 1);
            largest = Math.Max(largest, Math.Abs(shap.BaseValue - own[^1]));
            for (var i = 0; i < contributions.Length; i++)
            {
                largest = Math.Max(largest, Math.Abs(contributions[i] - own[i]));
            }
        }
        return largest;
    }
}
