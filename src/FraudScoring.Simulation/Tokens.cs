using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Names for simulated entities: a short prefix and twelve letters, one-to-one from an index below 2^48. No digits, so that none looks
/// like a card number; a customer's and an attacker's devices cannot be told apart by their names.
/// </summary>
internal sealed class Tokens(ulong seed)
{
    private const ulong Mask = (1UL << 48) - 1;
    private const string Letters = "bcdfghjkmnpqrstv";
    private readonly ulong _key = RandomStream.Mix(seed ^ (ulong)RandomPurpose.Tokens);

    public string Card(int customer, int number) => Create("card", (ulong)customer * 4 + (ulong)number);

    public string Account(int customer) => Create("acct", (ulong)customer);

    public string Device(int customer, int number) => Create("dev", (ulong)customer * 4 + (ulong)number);

    /// <summary>A device that no customer owns.</summary>
    public string NewDevice(RandomStream random) => Create("dev", 1UL << 47 | random.Next() >> 17);

    public string Merchant(int index) => Create("shop", (ulong)index);

    /// <summary>Distinguishes runs of different seeds and starts, so that their transaction ids differ.</summary>
    public static string Run(ulong seed, DateOnly start) =>
        Spell("", RandomStream.Mix(RandomStream.Mix(seed) + (ulong)start.DayNumber), 8);

    private string Create(string kind, ulong index)
    {
        ulong scrambled = index & Mask;
        for (int round = 0; round < 3; round++)
        {
            scrambled = (scrambled ^ _key >> 16 * round) & Mask;
            scrambled = scrambled * 0x9E3779B97F4B & Mask;
            scrambled ^= scrambled >> 25;
        }
        return Spell(kind + "-", scrambled, 12);
    }

    private static string Spell(string prefix, ulong bits, int letters)
    {
        Span<char> text = stackalloc char[letters];
        for (int i = 0; i < letters; i++, bits >>= 4)
        {
            text[i] = Letters[(int)(bits & 15)];
        }
        return string.Concat(prefix, text);
    }
}
