using System.Globalization;

namespace FraudScoring.Training.Learners;

/// <summary>The key=value lines of one part of LightGBM's text format. Lists are separated by spaces.</summary>
internal sealed class LightGbmBlock(string name)
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public string Name => name;

    public void Add(string line)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        _values[at < 0 ? line : line[..at]] = at < 0 ? "" : line[(at + 1)..];
    }

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The value, unchanged; empty if the key is absent.</summary>
    public string Text(string key) => _values.GetValueOrDefault(key, "");

    public string[] Texts(string key) => Text(key).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public int Whole(string key) => Wholes(key, 1)[0];

    public int[] Wholes(string key, int count) => Parsed<int>(key, count, NumberStyles.Integer);

    public uint[] Words(string key, int count) => Parsed<uint>(key, count, NumberStyles.Integer);

    public double[] Numbers(string key, int count) => Parsed<double>(key, count, NumberStyles.Float);

    private T[] Parsed<T>(string key, int count, NumberStyles style)
        where T : System.Numerics.INumber<T>
    {
        var texts = Texts(key);
        if (texts.Length != count)
        {
            throw new InvalidDataException($"{name}: '{key}' must hold {count} numbers, it holds {texts.Length}");
        }
        return Array.ConvertAll(texts, text => T.TryParse(Spelled(text), style, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"{name}: '{key}' contains a value that is not a number"));
    }

    // A split between missing and present values has the threshold "inf", in the spelling of C.
    private static string Spelled(string text) => text switch { "inf" => "Infinity", "-inf" => "-Infinity", _ => text };
}
