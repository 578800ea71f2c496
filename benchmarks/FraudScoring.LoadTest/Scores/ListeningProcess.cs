using System.Globalization;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Finds the process that listens on a port of this machine. Linux only, and only a process this user may look into.</summary>
internal static class ListeningProcess
{
    private const string Listening = "0A";

    /// <summary>The id of the process that listens on the port of a local address; null if it is on another machine or unknown.</summary>
    public static int? Find(string address)
    {
        var (host, port) = address.Split(',')[0].Split(':') is [var h, var p] ? (h, p) : (address, "");
        if (!OperatingSystem.IsLinux() || host is not ("127.0.0.1" or "localhost" or "::1") || !int.TryParse(port, out var number))
        {
            return null;
        }
        var sockets = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening
                && fields[1].EndsWith($":{number.ToString("X4", CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]").ToHashSet();
        return Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName).Select(name => int.TryParse(name, out var id) ? id : (int?)null)
            .FirstOrDefault(id => id is not null && Descriptors(id.Value).Any(sockets.Contains));
    }

    /// <summary>What the open descriptors of a process refer to.</summary>
    private static IEnumerable<string> Descriptors(int id)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"/proc/{id}/fd")
                .Select(file => new FileInfo(file).LinkTarget).OfType<string>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has exited, or belongs to another user.
            return [];
        }
    }
}
