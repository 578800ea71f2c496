using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Inputs;

/// <summary>Parses the bytes of a settings file; null, with faults, if they are invalid.</summary>
internal delegate T? ContentReader<T>(ReadOnlyMemory<byte> bytes, Faults faults)
    where T : class;

/// <summary>Loads settings files and reports all their faults in one exception.</summary>
internal static class InputFile
{
    /// <exception cref="InvalidDataException">The file is invalid; the message holds all faults.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static T Load<T>(string path, ContentReader<T> read)
        where T : class => Parse(path, File.ReadAllBytes(path), read);

    /// <summary>Like <see cref="Load"/>, for a file whose bytes are also needed for its hash.</summary>
    /// <exception cref="InvalidDataException">The bytes are invalid; the message holds all faults.</exception>
    public static T Parse<T>(string path, byte[] bytes, ContentReader<T> read)
        where T : class
    {
        var faults = new Faults();
        return read(bytes, faults) ?? throw new InvalidDataException($"{path} is invalid:{Environment.NewLine}{faults.ToLines()}");
    }
}
