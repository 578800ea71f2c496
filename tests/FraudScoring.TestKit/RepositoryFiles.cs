namespace FraudScoring.TestKit;

/// <summary>Files of the repository that tests read directly: catalogue, policy, bundle, sources, approved texts.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that contains FraudScoring.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static byte[] Bytes(params string[] parts) => File.ReadAllBytes(Path(parts));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "FraudScoring.sln")))
            {
                return folder.FullName;
            }
        }
        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} contains FraudScoring.sln.");
    }
}
