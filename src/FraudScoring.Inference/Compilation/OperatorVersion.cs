using FraudScoring.Core.Payments;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Compilation;

/// <summary>The operator version of a twin's default domain: the model's own, or a newer one if that is too old for the compiler.</summary>
internal static class OperatorVersion
{
    /// <summary>The first version in which operators take their axes as the compiler writes them.</summary>
    private const long Oldest = 13;
    private const long Raised = 17;
    private const long Initializers = 8;

    /// <summary>Per operator, the version from which its meaning and form have not changed.</summary>
    private static readonly Dictionary<string, long> SameSince = new()
    {
        ["Add"] = 7, ["And"] = 7, ["Cast"] = 6, ["Clip"] = 11, ["Concat"] = 4, ["Constant"] = 1, ["Div"] = 7, ["Equal"] = 7,
        ["Exp"] = 6, ["Flatten"] = 1, ["Gather"] = 1, ["GatherElements"] = 11, ["Greater"] = 7, ["Identity"] = 1, ["IsNaN"] = 9,
        ["Less"] = 7, ["Log"] = 6, ["MatMul"] = 1, ["Max"] = 8, ["Min"] = 8, ["Mul"] = 7, ["Neg"] = 6, ["Not"] = 1, ["Or"] = 7,
        ["Pow"] = 7, ["Relu"] = 6, ["Reshape"] = 5, ["Shape"] = 1, ["Sigmoid"] = 6, ["Slice"] = 10, ["Sqrt"] = 6, ["Sub"] = 7,
        ["Sum"] = 8, ["Tanh"] = 6, ["Transpose"] = 1, ["Where"] = 9,
    };

    /// <summary>Sets the version of a twin whose nodes are still the model's.</summary>
    /// <returns>The version; 0, with faults, if operators would change their meaning.</returns>
    public static long Settle(ModelProto twin, Faults faults)
    {
        var own = twin.OpsetImport.FirstOrDefault(set => set.Domain is "" or "ai.onnx")?.Version ?? Raised;
        var changed = own >= Oldest ? [] : twin.Graph.Node
            .Where(node => node.Domain is "" or "ai.onnx" && SameSince.GetValueOrDefault(node.OpType, long.MaxValue) > own)
            .Select(node => node.OpType).Distinct().Order(StringComparer.Ordinal).ToList();
        if (changed.Count > 0)
        {
            faults.Add("opset_import",
                $"version {own} is too old for {string.Join(", ", changed)}; convert the model to version {Oldest} or later");
            return 0;
        }
        var version = own >= Oldest ? own : Raised;
        var others = twin.OpsetImport.Where(set => set.Domain is not ("" or "ai.onnx" or "ai.onnx.ml")).ToList();
        twin.OpsetImport.Clear();
        twin.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = version });
        twin.OpsetImport.Add(others);
        twin.IrVersion = Math.Max(twin.IrVersion, Initializers);
        return version;
    }
}
