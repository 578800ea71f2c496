using System.CommandLine;

namespace FraudScoring.Training.Commands;

internal sealed class ImportOptions
{
    public Option<string[]> In { get; } = new("--in")
    {
        Description = "CSV or Parquet files: paths, or patterns such as 'data/2018-*.parquet'.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<FileInfo> Map { get; } = new("--map")
    {
        Description = "Mapping file (JSON): which column becomes which field.", Required = true,
    };

    public Option<FileInfo> Out { get; } = new("--out") { Description = "Event log to write.", Required = true };

    public Option<double> MaxInvalidShare { get; } = new("--max-invalid-share")
    {
        Description = "Largest share of invalid rows, 0 to 1; above it, no event log is written.",
        DefaultValueFactory = _ => 0.01,
    };

    public Option<FileInfo> InvalidRows { get; } = new("--invalid-rows")
    {
        Description = "Also write the file, row number, column and reason of every invalid row to this CSV file.",
    };

    public Option<FileInfo> HashKey { get; } = new("--hash-key")
    {
        Description = "File with the secret key for hashing identifiers, at least 16 bytes.",
    };

    public Option<int> Memory { get; } = new("--memory")
    {
        Description = "Memory for sorting, in MiB; rows beyond it are kept on disk next to the event log.",
        DefaultValueFactory = _ => 1024,
    };

    /// <summary>Adds all options and their range checks to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { In, Map, Out, MaxInvalidShare, InvalidRows, HashKey, Memory })
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.ValueOf(MaxInvalidShare) is not (>= 0 and <= 1))
            {
                result.AddError("--max-invalid-share must be 0 to 1.");
            }
            if (result.ValueOf(Memory) is < 64 or > 1 << 20)
            {
                result.AddError("--memory must be 64 to 1048576 (MiB).");
            }
        });
    }
}
