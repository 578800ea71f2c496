namespace FraudScoring.Training.Datasets;

/// <summary>
/// A file that gets its name only when it is complete. Until then it has a temporary name in the same folder, and is deleted if this is
/// disposed without <see cref="Complete"/>.
/// </summary>
/// <remarks>
/// Within a folder a rename is atomic, so readers see the old file or the new one, never a half-written one, and a failed command leaves
/// the old one in place. A temporary folder elsewhere would not do: a move between file systems is a copy. The GUID keeps two commands
/// that write the same file apart; the last to finish wins. The cost: room for both files, and a <c>.partial</c> file to delete by hand
/// after a killed process.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;
    private readonly string _partialPath;

    /// <exception cref="IOException">The folder does not exist or is not writable, or the path names a folder.</exception>
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

    /// <summary>The stream to write to; unbuffered.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to disk and gives the file its name, replacing an existing file.</summary>
    public void Complete()
    {
        // To disk before the rename: otherwise a power failure could leave the name with an empty file.
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
