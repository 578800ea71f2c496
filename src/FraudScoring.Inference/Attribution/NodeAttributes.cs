using FraudScoring.Core.Payments;
using FraudScoring.Onnx;

namespace FraudScoring.Inference.Attribution;

/// <summary>The attributes of one ONNX node, and what is wrong with them.</summary>
internal sealed class NodeAttributes(NodeProto node)
{
    private readonly Dictionary<string, AttributeProto> _byName = node.Attribute.DistinctBy(a => a.Name).ToDictionary(a => a.Name);

    public List<Fault> Faults { get; } = [];

    public bool Has(string name) => _byName.ContainsKey(name);

    public long[] Integers(string name) => _byName.TryGetValue(name, out var attribute) ? [.. attribute.Ints] : [];

    public float[] Floats(string name)
    {
        if (Has(name + "_as_tensor"))
        {
            Report(name + "_as_tensor", $"double precision is not read; write {name} in single precision.");
        }
        return _byName.TryGetValue(name, out var attribute) ? [.. attribute.Floats] : [];
    }

    public string[] Strings(string name) =>
        _byName.TryGetValue(name, out var attribute) ? [.. attribute.Strings.Select(s => s.ToStringUtf8())] : [];

    public string Text(string name, string byDefault) =>
        _byName.TryGetValue(name, out var attribute) ? attribute.S.ToStringUtf8() : byDefault;

    public long Integer(string name, long byDefault) => _byName.TryGetValue(name, out var attribute) ? attribute.I : byDefault;

    public void Report(string attribute, string message) => Faults.Add(new Fault($"{node.OpType} '{node.Name}'.{attribute}", message));
}
