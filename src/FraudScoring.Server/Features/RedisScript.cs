namespace FraudScoring.Server.Features;

/// <summary>Loads the embedded Lua scripts of <c>Features/Scripts</c>. Each file states its guarantees at the top.</summary>
internal static class RedisScript
{
    public const string ResourcePrefix = "FraudScoring.Server.Features.Scripts.";

    public const string ResourceSuffix = ".lua";

    /// <summary>
    /// Loads a script without its comment lines. Load it once and keep the string: the client caches the script's hash by it.
    /// </summary>
    /// <param name="name">File name without extension, such as <c>write-buckets</c>.</param>
    /// <exception cref="InvalidOperationException">There is no such script in this assembly.</exception>
    public static string Load(string name)
    {
        var resource = ResourcePrefix + name + ResourceSuffix;
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException(
                $"The Redis script {resource} is not embedded in {typeof(RedisScript).Assembly.GetName().Name}.");
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd());
        return string.Join('\n', lines.Where(line => !IsCommentOrBlank(line)));
    }

    private static bool IsCommentOrBlank(string line) => line.Length == 0 || line.TrimStart().StartsWith("--", StringComparison.Ordinal);
}
