using FraudScoring.Training.Export;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Rounds leaf values to multiples of a power of two, so coarse that float32 adds any leaves of all trees without rounding.
/// Then a margin is the same to the bit in double and in float, in any order of addition, on any number of threads, on CPU and GPU:
/// what is exported is exactly what was trained. Hundreds of trees move a margin by about 1e-5 in this, far below what they know.
/// </summary>
internal static class LeafGrid
{
    private const int FloatBits = 24;

    /// <summary>Rewrites a model's text with its leaf values on the grid.</summary>
    public static string Snap(string modelText)
    {
        var model = LightGbmModelText.Parse(modelText);
        var step = Step(model);
        using var booster = BoosterHandle.Load(modelText);
        for (var tree = 0; tree < model.Trees.Count; tree++)
        {
            var values = model.Trees[tree].LeafValues;
            for (var leaf = 0; leaf < values.Length; leaf++)
            {
                booster.SetLeaf(tree, leaf, Math.Round(values[leaf] / step) * step);
            }
        }
        return booster.Text();
    }

    /// <summary>The finest step for which no partial sum of leaves needs more bits than a float has.</summary>
    public static double Step(LightGbmModel model)
    {
        var largest = model.Trees.Sum(tree => tree.LeafValues.Max(Math.Abs));
        // One bit to spare for rounding up.
        return Math.ScaleB(1, Math.ILogB(Math.Max(largest, 1)) + 2 - FloatBits);
    }
}
