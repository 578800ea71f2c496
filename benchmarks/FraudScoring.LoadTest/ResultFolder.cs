using System.Globalization;

namespace FraudScoring.LoadTest;

/// <summary>The folder of benchmarks/results that a record of today on this machine belongs to.</summary>
internal static class ResultFolder
{
    private static string Platform =>
        OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "macos" : "windows";

    /// <summary>The date and a short description of this machine.</summary>
    public static string Name() => string.Create(
        CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}-{Environment.ProcessorCount}core-{Platform}");
}
