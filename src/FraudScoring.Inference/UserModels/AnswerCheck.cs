using System.Globalization;
using System.Runtime.InteropServices;

namespace FraudScoring.Inference.UserModels;

/// <summary>Finds invalid numbers in a model's answer: NaN, or values outside the range of an output.</summary>
public static class AnswerCheck
{
    // More than any real amount or count. Products of larger values may overflow in a model that is not at fault.
    private const double LargestOrdinary = 1e15;

    /// <summary>Finds the first invalid number of an answer, such as "NaN in probabilities"; null if the answer is valid.</summary>
    /// <param name="outputs">The answer.</param>
    /// <param name="specs">The outputs that were requested.</param>
    public static string? FindInvalid(IReadOnlyList<Tensor> outputs, IReadOnlyList<TensorSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        foreach (var output in outputs)
        {
            var range = specs.FirstOrDefault(spec => spec.Name == output.Name)?.Range ?? ValueRange.Any;
            if (FirstOutside(output, range) is { } value)
            {
                return double.IsNaN(value) ? $"NaN in {output.Name}"
                    : string.Create(CultureInfo.InvariantCulture, $"{value} in {output.Name}, whose range is {range}");
            }
        }
        return null;
    }

    /// <summary>
    /// True if a model must return a valid answer for these values: they are numbers, and none is absurdly large.
    /// </summary>
    /// <param name="inputs">The inputs of the request.</param>
    /// <param name="isNaNMissing">True if NaN stands for a missing value, which the model accepts.</param>
    public static bool AreOrdinary(IReadOnlyList<Tensor> inputs, bool isNaNMissing)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var ordinary = new ValueRange(-LargestOrdinary, LargestOrdinary);
        return inputs.All(input => FirstOutside(input, ordinary, isNaNMissing) is null);
    }

    private static double? FirstOutside(Tensor tensor, ValueRange range, bool isNaNInside = false)
    {
        var bytes = tensor.Bytes.Span;
        return tensor.Type.Name switch
        {
            "FP32" => First(MemoryMarshal.Cast<byte, float>(bytes), value => value, range, isNaNInside),
            "FP64" => First(MemoryMarshal.Cast<byte, double>(bytes), value => value, range, isNaNInside),
            "FP16" => First(MemoryMarshal.Cast<byte, Half>(bytes), value => (double)value, range, isNaNInside),
            "BF16" => First(
                MemoryMarshal.Cast<byte, ushort>(bytes), value => BitConverter.UInt32BitsToSingle((uint)value << 16), range, isNaNInside),
            _ => null,
        };
    }

    private static double? First<T>(ReadOnlySpan<T> values, Func<T, double> number, ValueRange range, bool isNaNInside)
    {
        foreach (var value in values)
        {
            var real = number(value);
            if (!(real >= range.Lowest && real <= range.Highest) && !(isNaNInside && double.IsNaN(real)))
            {
                return real;
            }
        }
        return null;
    }
}

/// <summary>The valid range of an output, both ends included.</summary>
/// <param name="Lowest">The lowest valid number.</param>
/// <param name="Highest">The highest valid number.</param>
public readonly record struct ValueRange(double Lowest, double Highest)
{
    /// <summary>All numbers, infinity included, but not NaN.</summary>
    public static readonly ValueRange Any = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The range of a probability.</summary>
    public static readonly ValueRange Probability = new(0, 1);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lowest} to {Highest}");
}
