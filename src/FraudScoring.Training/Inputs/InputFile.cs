using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Inputs;

/// <summary>Reads the bytes of a file of settings; null when something is wrong with them.</summary>
internal delegate T? ContentReader<T>(ReadOnlyMemory<byte> bytes, Faults faults)
    where T : class;

/// <summary>Files of settings that commands read.</summary>
internal static class InputFile
{
    /// <summary>Loads one.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static T Load<T>(string path, ContentReader<T> read)
        where T : class => Parse(path, File.ReadAllBytes(path), read);

    /// <summary>The same of bytes that were read already.</summary>
    /// <exception cref="InvalidDataException">They are faulty; all faults are named.</exception>
    public static T Parse<T>(string path, byte[] bytes, ContentReader<T> read)
        where T : class
    {
        var faults = new Faults();
        return read(bytes, faults) ?? throw new InvalidDataException($"{path} has faults:{Environment.NewLine}{faults.ToLines()}");
    }
}
