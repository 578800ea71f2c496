using System.Globalization;
using System.Runtime.InteropServices;

namespace FraudScoring.Inference.UserModels;

/// <summary>Tells numbers that are none: NaN in an answer, or what is outside of the range that an output has.</summary>
public static class AnswerCheck
{
    // Larger ones than any amount or count there is; models that are well may not be able to multiply them.
    private const double LargestOrdinary = 1e15;

    /// <summary>What is wrong with a model's answer; null when it is one.</summary>
    /// <param name="outputs">What it gave.</param>
    /// <param name="specs">The outputs as they were asked for.</param>
    public static string? WhyNone(IReadOnlyList<Tensor> outputs, IReadOnlyList<TensorSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        foreach (var output in outputs)
        {
            var range = specs.FirstOrDefault(spec => spec.Name == output.Name)?.Range ?? ValueRange.Any;
            if (FirstOutside(output, range) is { } value)
            {
                return double.IsNaN(value) ? $"NaN in {output.Name}"
                    : string.Create(CultureInfo.InvariantCulture, $"{value} in {output.Name}, which is from {range}");
            }
        }
        return null;
    }

    /// <summary>Whether a model that is well must have an answer for these values: they are numbers, and none is absurdly large.</summary>
    /// <param name="inputs">What was sent.</param>
    /// <param name="isNaNMissing">NaN stands for a missing value, which the model takes.</param>
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
            "BF16" => First(MemoryMarshal.Cast<byte, ushort>(bytes), value => BitConverter.UInt32BitsToSingle((uint)value << 16), range, isNaNInside),
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

/// <summary>What the numbers of an output may be.</summary>
/// <param name="Lowest">The lowest.</param>
/// <param name="Highest">The highest.</param>
public readonly record struct ValueRange(double Lowest, double Highest)
{
    /// <summary>Any number, infinite ones too.</summary>
    public static readonly ValueRange Any = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>What probabilities may be.</summary>
    public static readonly ValueRange Probability = new(0, 1);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lowest} to {Highest}");
}
