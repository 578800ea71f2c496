namespace FraudScoring.TestKit.Services;

/// <summary>Programs that are installed on this machine.</summary>
internal static class Programs
{
    /// <summary>
    /// The redis-server named by the environment variable REDIS_SERVER, otherwise the one on the PATH; null if there is none.
    /// </summary>
    public static string? FindRedis() => Environment.GetEnvironmentVariable("REDIS_SERVER") is { Length: > 0 } named
        ? File.Exists(named) ? named : null
        : Find("redis-server");

    /// <summary>The path of a program on the PATH; null if it is not there.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name)).FirstOrDefault(File.Exists);
}
