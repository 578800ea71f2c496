namespace FraudScoring.Server.Spool;

/// <summary>A Kafka record in the spool.</summary>
/// <param name="Topic">The topic it is for.</param>
/// <param name="Key">Its key; null for none.</param>
/// <param name="Value">Its value; null for none.</param>
/// <param name="Headers">Its headers, as <see cref="SpooledHeaders"/> writes them.</param>
internal readonly record struct SpooledRecord(string Topic, byte[]? Key, byte[]? Value, byte[] Headers)
{
    /// <summary>Bytes of its contents.</summary>
    public long Bytes => (Key?.Length ?? 0) + Headers.Length + (long)(Value?.Length ?? 0);
}

/// <summary>A record with its place in the spool.</summary>
/// <param name="Seq">Number of the record: 1 for the first that the file ever held, then without gaps.</param>
/// <param name="Record">The record.</param>
/// <param name="IsReadable">False for a sealed record that the spool's key does not open; it cannot be delivered.</param>
internal readonly record struct SpoolRow(long Seq, SpooledRecord Record, bool IsReadable = true);
