namespace FraudScoring.Training.Learners;

/// <summary>
/// Rounds leaf values to multiples of a power of two that is coarse enough for float32 to add leaves of all trees exactly.
/// </summary>
/// <remarks>
/// In units of that step, leaves are integers and every partial sum stays within 2^24, up to which a float32 holds every integer. Integer
/// sums do not depend on the order, so a margin is the same to the bit in double and float, on any number of threads, on CPU and GPU: the
/// exported graph equals the trained model. ONNX runtimes add float32 leaves in an order of their own, so that sums of unrounded leaves
/// would differ between them and from the trainer. The cost: the margin of 300 trees moves by less than 1e-4.
/// </remarks>
internal static class LeafGrid
{
    private const int FloatBits = 24;

    /// <summary>Rounds the leaf values of a model.</summary>
    /// <param name="modelText">The model in LightGBM's text format.</param>
    /// <param name="shift">Added to every margin, through the leaves of the first tree.</param>
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

    /// <summary>The smallest power of two for which every partial sum of leaves, in any order, fits the 24 bits of a float32.</summary>
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
