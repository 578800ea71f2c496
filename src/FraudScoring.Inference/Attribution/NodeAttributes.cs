using FraudScoring.Core.Payments;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>Reads the attributes of an ONNX node.</summary>
/// <param name="node">The node.</param>
/// <param name="faults">Receives every fault; may already hold faults of other nodes.</param>
internal sealed class NodeAttributes(NodeProto node, Faults faults)
{
    private readonly Dictionary<string, AttributeProto> _byName = node.Attribute.DistinctBy(a => a.Name).ToDictionary(a => a.Name);

    private readonly int _before = faults.Count;

    /// <summary>True if any fault was added since this object was created.</summary>
    public bool AnyFailed => faults.Count > _before;

    public bool Has(string name) => _byName.ContainsKey(name);

    public long[] Integers(string name) => _byName.TryGetValue(name, out var attribute) ? [.. attribute.Ints] : [];

    public float[] Floats(string name)
    {
        if (Has(name + "_as_tensor"))
        {
            Report(name + "_as_tensor", $"double precision is not supported; write {name} in single precision.");
        }
        return _byName.TryGetValue(name, out var attribute) ? [.. attribute.Floats] : [];
    }

    public string[] Strings(string name) =>
        _byName.TryGetValue(name, out var attribute) ? [.. attribute.Strings.Select(s => s.ToStringUtf8())] : [];

    public string Text(string name, string byDefault) =>
        _byName.TryGetValue(name, out var attribute) ? attribute.S.ToStringUtf8() : byDefault;

    public long Integer(string name, long byDefault) => _byName.TryGetValue(name, out var attribute) ? attribute.I : byDefault;

    public void Report(string attribute, string message) => faults.Add($"{node.OpType} '{node.Name}'.{attribute}", message);
}
