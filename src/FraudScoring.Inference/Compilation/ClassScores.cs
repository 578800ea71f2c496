using DataType = FraudScoring.Onnx.TensorProto.Types.DataType;

namespace FraudScoring.Inference.Compilation;

/// <summary>
/// Writes the outputs of a classifier as ONNX Runtime computes them on the CPU: a score per class, and the winning label.
/// </summary>
/// <param name="graph">The graph to write to.</param>
/// <param name="scores">Double [rows, 1] if the leaves have weights for one of two classes, otherwise [rows, classes].</param>
/// <param name="classes">Number of classes.</param>
/// <param name="transform">NONE, LOGISTIC or SOFTMAX.</param>
internal sealed class ClassScores(TwinGraph graph, string scores, int classes, string transform)
{
    /// <summary>Writes the scores, float [rows, classes].</summary>
    /// <param name="output">Name of the output; null if it is not used.</param>
    /// <param name="isSingle">True if the leaves have weights for one of two classes.</param>
    /// <param name="isShare">True if that score is a probability, so that the other class has one minus it.</param>
    public void Emit(string? output, bool isSingle, bool isShare)
    {
        if (output is not { Length: > 0 })
        {
            return;
        }
        var all = isSingle ? Pair(isShare) : transform switch
        {
            "LOGISTIC" => graph.Add("Sigmoid", [scores]),
            "SOFTMAX" => graph.Add("Softmax", [scores], TwinGraph.Whole("axis", 1)),
            _ => scores,
        };
        graph.Cast(all, DataType.Float, output);
    }

    /// <summary>Writes the labels, int64 [rows].</summary>
    public void EmitLabels(string output, long[] labels, bool isSingle, double from)
    {
        if (classes > 2)
        {
            EmitLargest(output, labels);
            return;
        }
        var positive = isSingle ? scores
            : graph.Add("Gather", [scores, graph.Constant<long>([1], 1)], TwinGraph.Whole("axis", 1));
        // If the leaves have weights for both classes, the runtime returns 0 and 1, whatever the labels are.
        var (no, yes) = isSingle ? (labels[0], labels[1]) : (0L, 1L);
        var chosen = graph.Add("Where", [graph.Add("Greater", [positive, graph.Scalar(from)]), graph.Scalar(yes), graph.Scalar(no)]);
        graph.AddTo(output, "Squeeze", [chosen, graph.Constant<long>([1], 1)]);
    }

    private string Pair(bool isShare)
    {
        if (isShare)
        {
            return Concat(graph.Add("Sub", [graph.Scalar(1.0), scores]), scores);
        }
        var opposite = graph.Add("Neg", [scores]);
        return transform == "LOGISTIC"
            ? Concat(graph.Add("Sigmoid", [opposite]), graph.Add("Sigmoid", [scores]))
            : Concat(opposite, scores);
    }

    private string Concat(string first, string second) => graph.Add("Concat", [first, second], TwinGraph.Whole("axis", 1));

    /// <summary>Writes the label of the largest score, the first one among equals.</summary>
    private void EmitLargest(string output, long[] labels)
    {
        string Column(int index) => graph.Add("Gather", [scores, graph.Constant<long>([index], 1)], TwinGraph.Whole("axis", 1));
        var (largest, label) = (Column(0), graph.Scalar(labels[0]));
        for (var i = 1; i < classes; i++)
        {
            var column = Column(i);
            var isLarger = graph.Add("Greater", [column, largest]);
            label = graph.Add("Where", [isLarger, graph.Scalar(labels[i]), label]);
            largest = graph.Add("Where", [isLarger, column, largest]);
        }
        graph.AddTo(output, "Squeeze", [label, graph.Constant<long>([1], 1)]);
    }
}
