using System.Buffers;
using FraudScoring.Inference.Devices;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>Tensors as values of the runtime, without a copy: their bytes are pinned until this object is disposed of.</summary>
internal sealed class BoundTensors : IDisposable
{
    // The runtime rejects a null pointer, even for an empty tensor.
    private static readonly byte[] Nothing = new byte[8];
    private readonly List<MemoryHandle> _pins = [];
    private readonly List<OrtValue> _values = [];

    public BoundTensors(IReadOnlyList<Tensor> tensors)
    {
        Rows = tensors.Count > 0 && tensors[0].Shape.Length > 0 ? tensors[0].Shape[0] : 1;
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

    /// <summary>Length of the first axis of the first tensor; 1 without one.</summary>
    public long Rows { get; }

    private string[] Names { get; }

    /// <summary>The values by name, as sessions require them.</summary>
    public NamedValues Named => new(Names, _values);

    /// <summary>Runs a session on the tensors and copies its outputs.</summary>
    public Tensor[] Run(IDeviceSession session, IReadOnlyList<TensorSpec> outputs, RunOptions? options = null)
    {
        using var own = options is null ? new RunOptions() : null;
        using var values = session.Run((options ?? own)!, Named, [.. outputs.Select(output => output.Name)]);
        return [.. values.Select((value, i) => Read(outputs[i], value))];
    }

    /// <summary>Copies an output of a run.</summary>
    private static Tensor Read(TensorSpec spec, OrtValue value)
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
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, tensor.Type.Element, tensor.Shape, (nint)pin.Pointer, tensor.Bytes.Length);
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
