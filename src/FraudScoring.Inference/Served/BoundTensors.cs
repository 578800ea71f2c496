using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.Served;

/// <summary>Tensors as the runtime takes them: over the bytes as they came, held in place as long as this lives.</summary>
internal sealed class BoundTensors : IDisposable
{
    // The runtime takes no null pointer, even for nothing.
    private static readonly byte[] Nothing = new byte[8];
    private readonly List<MemoryHandle> _pins = [];
    private readonly List<OrtValue> _values = [];

    public BoundTensors(IReadOnlyList<Tensor> tensors)
    {
        Names = [.. tensors.Select(tensor => tensor.Name)];
        try
        {
            foreach (var tensor in tensors)
            {
                _values.Add(tensor.Type.IsText ? Texts(tensor) : Numbers(tensor));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyCollection<string> Names { get; }

    public IReadOnlyCollection<OrtValue> Values => _values;

    /// <summary>Copies an output of a run.</summary>
    public static Tensor Read(TensorSpec spec, OrtValue value)
    {
        var about = value.GetTensorTypeAndShape();
        if (!spec.Type.IsText)
        {
            return new Tensor(spec.Name, spec.Type, about.Shape, about.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray());
        }
        var texts = new ReadOnlyMemory<byte>[about.ElementCount];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = value.GetStringElementAsSpan(i).ToArray();
        }
        return new Tensor(spec.Name, spec.Type, about.Shape, default, texts);
    }

    public void Dispose()
    {
        _values.ForEach(value => value.Dispose());
        _pins.ForEach(pin => pin.Dispose());
        _values.Clear();
        _pins.Clear();
    }

    private unsafe OrtValue Numbers(Tensor tensor)
    {
        var pin = (tensor.Bytes.IsEmpty ? Nothing : tensor.Bytes).Pin();
        _pins.Add(pin);
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Type.Element, tensor.Shape, (nint)pin.Pointer, tensor.Bytes.Length);
    }

    private static OrtValue Texts(Tensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        for (var i = 0; i < tensor.Texts!.Count; i++)
        {
            value.StringTensorSetElementAt(tensor.Texts[i].Span, i);
        }
        return value;
    }
}
