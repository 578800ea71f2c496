using System.Diagnostics;
using System.Globalization;

namespace FraudScoring.TestKit.Services;

/// <summary>A small file system in memory (tmpfs), to fill a disk. Mounting one needs Linux and its super user.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    /// <summary>The folder where it is mounted.</summary>
    public string Folder { get; }

    private string Filler => Path.Combine(Folder, "filler");

    /// <summary>Mounts a disk.</summary>
    /// <param name="bytes">Its size, in bytes.</param>
    /// <param name="reason">Why it could not be mounted.</param>
    /// <returns>Null if it could not be mounted.</returns>
    public static SmallDisk? TryMount(int bytes, out string reason)
    {
        var folder = Directory.CreateTempSubdirectory("fraud-scoring-test-disk-").FullName;
        if (OperatingSystem.IsLinux())
        {
            reason = Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "tmpfs", folder);
            if (reason.Length == 0)
            {
                return new SmallDisk(folder);
            }
        }
        Directory.Delete(folder);
        reason = "A small disk could not be mounted; this test runs as root on Linux.";
        return null;
    }

    /// <summary>Writes a file until nothing more fits.</summary>
    public void Fill()
    {
        try
        {
            using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var chunk = new byte[4096]; ;)
            {
                file.Write(chunk);
            }
        }
        catch (IOException)
        {
            // No space is left.
        }
    }

    /// <summary>Deletes what <see cref="Fill"/> has written.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>Lets the disk be read only.</summary>
    public void Protect() => Run("mount", "-o", "remount,ro", Folder);

    /// <inheritdoc />
    public void Dispose()
    {
        Run("umount", "-l", Folder);
        Directory.Delete(Folder);
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"{program}: {error}";
    }
}
