using System.Numerics;

namespace FraudScoring.Core.Statistics;

/// <summary>What a stream of random numbers is drawn for. Each has streams of its own; changing a number changes every run.</summary>
internal enum RandomPurpose
{
    Customer = 1,
    Merchant = 2,
    Spending = 3,
    Trip = 4,
    CompromisedTerminals = 5,
    CompromisedCustomers = 6,
    CardTesting = 7,
    AccountTakeover = 8,
    ImpossibleTravel = 9,
    Labels = 10,
    Tokens = 11,
    Proxies = 12,
    IsolationForest = 13,
    ParameterSearch = 14,
    Bootstrap = 20,
    Robustness = 21,
}

/// <summary>
/// Random numbers that are the same on every machine: xoshiro256** (Blackman and Vigna, 2021), seeded by SplitMix64 from the
/// seed, the purpose and two indices, so that any day of any customer can be drawn on its own.
/// </summary>
internal sealed class RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    public RandomStream(ulong seed, RandomPurpose purpose, long index = 0, long subIndex = 0)
    {
        // Each number is mixed in before the next is added: in a plain sum, the indices (1, 0) and (0, 1) would share a stream.
        ulong state = Mix(Mix(seed + Golden) + (ulong)purpose * Golden);
        state = Mix(Mix(state + (ulong)index * Golden) + (ulong)subIndex * Golden);
        // Mix is one-to-one, so at most one of the four words is 0. Only all four together must not be.
        _s0 = Mix(state += Golden);
        _s1 = Mix(state += Golden);
        _s2 = Mix(state += Golden);
        _s3 = Mix(state + Golden);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform on [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform on [least, most).</summary>
    public double Uniform(double least, double most) => least + (most - least) * Uniform();

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Uniform on 0 .. count - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Uniform on least .. most, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>One of the items, each equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -PortableMath.Ln(1 - Uniform());

    /// <summary>Normal, by Marsaglia's polar method.</summary>
    public double Normal(double mean, double deviation)
    {
        double standard = _spareNormal;
        _spareNormal = double.NaN;
        if (double.IsNaN(standard))
        {
            double u, v, square;
            do
            {
                u = 2 * Uniform() - 1;
                v = 2 * Uniform() - 1;
                square = u * u + v * v;
            }
            while (square >= 1 || square == 0);
            double factor = Math.Sqrt(-2 * PortableMath.Ln(square) / square);
            _spareNormal = v * factor;
            standard = u * factor;
        }
        return mean + deviation * standard;
    }

    /// <summary>Poisson, by Knuth's products of uniforms, in parts of at most 16 so that the product does not vanish.</summary>
    public int Poisson(double mean)
    {
        int count = 0;
        while (mean > 0)
        {
            double part = Math.Min(mean, 16);
            double floor = PortableMath.ExpOfNegative(part);
            for (double product = Uniform(); product > floor; product *= Uniform())
            {
                count++;
            }
            mean -= part;
        }
        return count;
    }

    /// <summary>A whole number with the given expectation: its floor, plus one with the fraction's probability.</summary>
    public int Rounded(double expectation)
    {
        double floor = Math.Floor(expectation);
        return (int)floor + (Chance(expectation - floor) ? 1 : 0);
    }

    /// <summary>SplitMix64's finalizer: one-to-one on 64 bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
