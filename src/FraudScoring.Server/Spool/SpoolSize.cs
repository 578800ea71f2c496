using Microsoft.Data.Sqlite;

namespace FraudScoring.Server.Spool;

/// <summary>Counts the records of a spool file that no queue has open.</summary>
internal static class SpoolSize
{
    /// <summary>The number of records; 0 if it is no spool file, or another process has it open. Does not change the file.</summary>
    /// <remarks>Records are deleted from the first one on, so the ends tell their number without reading all of a large file.</remarks>
    public static long Count(string path)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        using var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT max(seq) - min(seq) + 1 FROM spool";
            return command.ExecuteScalar() as long? ?? 0;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }
}
