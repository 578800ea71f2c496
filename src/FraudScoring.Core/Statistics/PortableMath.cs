namespace FraudScoring.Core.Statistics;

/// <summary>
/// Logarithm and exponential from additions, multiplications and divisions alone. Those round alike on every processor; the platform's
/// own functions may differ in the last bit, which would change a simulated payment.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417;

    /// <summary>Natural logarithm of a positive, normal number; relative error below 1e-14.</summary>
    public static double Ln(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)((bits >> 52) & 0x7FF) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }
        // The logarithm of m is 2 artanh(z). With m from √½ to √2, |z| is at most 0.172, and eleven terms reach the last bit.
        double z = (mantissa - 1) / (mantissa + 1);
        double square = z * z;
        double series = 0;
        for (int odd = 21; odd >= 1; odd -= 2)
        {
            series = series * square + 1.0 / odd;
        }
        return exponent * Ln2 + 2 * z * series;
    }

    /// <summary>e to the power of -x for x from 0 to 16; relative error below 1e-12.</summary>
    public static double ExpOfNegative(double x)
    {
        const int halvings = 8;
        // Ten terms of the series suffice for an argument this small. Each of the eight squarings doubles the relative error.
        double small = -x / (1 << halvings);
        double result = 1;
        for (int term = 10; term >= 1; term--)
        {
            result = 1 + result * small / term;
        }
        for (int i = 0; i < halvings; i++)
        {
            result *= result;
        }
        return result;
    }
}
