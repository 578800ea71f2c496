namespace FraudScoring.Training.Datasets;

/// <summary>
/// A file that appears under its name only when it is complete. Until then it lies beside it under a name of its own, which is deleted
/// when this is disposed without <see cref="Complete"/>.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly string _partialPath;

    /// <exception cref="IOException">The folder does not exist or cannot be written to, or the name is a folder's.</exception>
    public PartialFile(string path)
    {
        _path = Path.GetFullPath(path);
        if (Directory.Exists(_path))
        {
            throw new IOException($"{_path} is a folder; name a file.");
        }
        if (!Directory.Exists(Path.GetDirectoryName(_path)))
        {
            throw new IOException($"the folder of {_path} does not exist; create it first.");
        }
        _partialPath = $"{_path}.{Guid.NewGuid():N}.partial";
        Stream = new FileStream(_partialPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>Where to write; unbuffered.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to disk and gives the file its name, replacing an earlier one.</summary>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_partialPath, _path, overwrite: true);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stream.Dispose();
        File.Delete(_partialPath);
    }
}
