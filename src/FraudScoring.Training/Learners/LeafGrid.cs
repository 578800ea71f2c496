namespace FraudScoring.Training.Learners;

/// <summary>
/// Rounds leaf values to multiples of a power of two, so coarse that float32 adds any leaves of all trees without rounding.
/// Then a margin is the same to the bit in double and in float, in any order of addition, on any number of threads, on CPU and GPU:
/// what is exported is exactly what was trained. 300 trees move a margin by less than 1e-4 in this, far below what they know.
/// </summary>
internal static class LeafGrid
{
    private const int FloatBits = 24;

    /// <summary>Rewrites a model's text with its leaf values on the grid.</summary>
    /// <param name="modelText">LightGBM's text of the model.</param>
    /// <param name="shift">Added to every margin, by the first tree's leaves.</param>
    public static string Snap(string modelText, double shift = 0)
    {
        var model = Shifted(LightGbmModelText.Parse(modelText), shift);
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

    /// <summary>The finest power of two for which no partial sum of leaves, in any order, has more bits than a float.</summary>
    public static double Step(LightGbmModel model)
    {
        var largest = model.Trees.Sum(tree => tree.LeafValues.Max(Math.Abs));
        var step = Math.ScaleB(1, -FloatBits);
        // Rounding may move each leaf by half a step.
        while (largest + model.Trees.Count * step / 2 > Math.ScaleB(step, FloatBits))
        {
            step *= 2;
        }
        return step;
    }

    private static LightGbmModel Shifted(LightGbmModel model, double shift)
    {
        var first = model.Trees[0];
        var leaves = Array.ConvertAll(first.LeafValues, value => value + shift);
        return model with { Trees = [first with { LeafValues = leaves }, .. model.Trees.Skip(1)] };
    }
}
