namespace FraudScoring.Inference.Attribution;

/// <summary>
/// Values that the leaves of an ONNX tree ensemble add to its margin, already divided by the number of trees for an average.
/// </summary>
/// <param name="Offset">The base value.</param>
/// <param name="Values">Value per leaf; several entries of one leaf are added.</param>
internal sealed record LeafMargin(double Offset, Dictionary<(long Tree, long Node), double> Values)
{
    public static LeafMargin Parse(NodeAttributes attributes, bool classifier)
    {
        var kind = classifier ? "class" : "target";
        var trees = attributes.Integers($"{kind}_treeids");
        var nodes = attributes.Integers($"{kind}_nodeids");
        var ids = attributes.Integers($"{kind}_ids");
        var weights = attributes.Floats($"{kind}_weights");
        var baseValues = attributes.Floats("base_values");
        if (trees.Length == 0 || nodes.Length != trees.Length || ids.Length != trees.Length || weights.Length != trees.Length)
        {
            attributes.Report(
                $"{kind}_weights", $"{kind}_treeids, {kind}_nodeids, {kind}_ids and {kind}_weights must have one entry per leaf.");
            return new LeafMargin(0, []);
        }
        var output = classifier ? PositiveClass(attributes, ids) : OnlyTarget(attributes, ids);
        var scale = Scale(attributes, classifier, trees);
        var values = new Dictionary<(long, long), double>(trees.Length);
        for (var i = 0; i < trees.Length; i++)
        {
            if (ids[i] == output)
            {
                values[(trees[i], nodes[i])] = values.GetValueOrDefault((trees[i], nodes[i])) + (scale * weights[i]);
            }
            else
            {
                values.TryAdd((trees[i], nodes[i]), 0);
            }
        }
        return new LeafMargin(baseValues.Length == 0 ? 0 : baseValues[Math.Min(output, baseValues.Length - 1)], values);
    }

    private static long OnlyTarget(NodeAttributes attributes, long[] ids)
    {
        CheckTransform(attributes, ["NONE", "LOGISTIC"]);
        if (attributes.Integer("n_targets", 1) != 1 || ids.Any(id => id != 0))
        {
            attributes.Report("n_targets", "only ensembles with one target are supported.");
        }
        return 0;
    }

    /// <summary>
    /// The class whose weights are the margin. A single score of two classes belongs to the second class, whatever its id.
    /// </summary>
    private static long PositiveClass(NodeAttributes attributes, long[] ids)
    {
        CheckTransform(attributes, ["NONE", "LOGISTIC"]);
        var labels = Math.Max(attributes.Integers("classlabels_int64s").Length, attributes.Strings("classlabels_strings").Length);
        if (labels != 2 || ids.Any(id => id is not (0 or 1)))
        {
            attributes.Report("class_ids", "only classifiers with two classes are supported.");
        }
        return ids.Contains(1) ? 1 : 0;
    }

    private static void CheckTransform(NodeAttributes attributes, string[] supported)
    {
        var transform = attributes.Text("post_transform", "NONE");
        if (!supported.Contains(transform))
        {
            attributes.Report("post_transform", $"{transform} is not supported; {string.Join(" and ", supported)} are.");
        }
    }

    private static double Scale(NodeAttributes attributes, bool classifier, long[] trees)
    {
        var aggregate = classifier ? "SUM" : attributes.Text("aggregate_function", "SUM");
        if (aggregate is not ("SUM" or "AVERAGE"))
        {
            attributes.Report("aggregate_function", $"{aggregate} is not additive; SUM and AVERAGE are supported.");
        }
        return aggregate == "AVERAGE" ? 1.0 / trees.Distinct().Count() : 1;
    }
}
