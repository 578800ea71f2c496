using System.ComponentModel.DataAnnotations;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Spool;

/// <summary>Section "Spool": decisions on disk while Kafka cannot take them.</summary>
internal sealed record SpoolOptions
{
    public const string Section = "Spool";

    private const long BytesPerMiB = 1024 * 1024;

    /// <summary>
    /// Folder of the spool, on a local disk that outlives the process, used by one instance alone. Created if it does not exist. Empty: no
    /// spool.
    /// </summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// File with the key that records in the spool are encrypted with (AES-256-GCM): 32 bytes in base64. Empty: they are not encrypted.
    /// Change it only while the spool is empty.
    /// </summary>
    public string KeyFile { get; init; } = "";

    /// <summary>
    /// When a decision is written to the spool: Off, OnOutage, Always or Acknowledge; see <see cref="SpoolMode"/>. Null: OnOutage if Folder
    /// is set, else Off.
    /// </summary>
    [EnumDataType(typeof(SpoolMode))]
    public SpoolMode? Mode { get; init; }

    /// <summary>
    /// What happens to payments while the spool is full: Refuse (UNAVAILABLE), ScoreWithoutRecord (the answer says UNRECORDED) or
    /// DropOldest.
    /// </summary>
    [EnumDataType(typeof(SpoolFullAction))]
    public SpoolFullAction WhenFull { get; init; } = SpoolFullAction.ScoreWithoutRecord;

    /// <summary>
    /// Maximum size of a spool file, in MiB; 1 to 1048576. A decision takes about 1 KiB. At 95 % of it, or of what its disk has room for,
    /// the spool is full, until it is below 80 %. Replacing a damaged file takes three times its size for a while.
    /// </summary>
    [Range(1, 1024 * 1024)]
    public int MaxSizeMiB { get; init; } = 1024;

    /// <summary>
    /// How long a decision waits for Kafka's acknowledgement before decisions go to the spool, in milliseconds; 50 to 60000. With OnOutage
    /// it bounds what a kill loses.
    /// </summary>
    [Range(50, 60_000)]
    public int OutageAfterMs { get; init; } = 500;

    /// <summary>The mode, with the default applied.</summary>
    public SpoolMode ActiveMode => Mode ?? (Folder.Length > 0 ? SpoolMode.OnOutage : SpoolMode.Off);

    /// <summary>Maximum size of a spool file, in bytes.</summary>
    public long MaxBytes => MaxSizeMiB * BytesPerMiB;

    /// <summary>Adds a fault for a mode that needs a folder.</summary>
    public void Check(Faults faults)
    {
        if (ActiveMode != SpoolMode.Off && Folder.Length == 0)
        {
            faults.Add($"{Section}:{nameof(Folder)}", $"must be set when {Section}:{nameof(Mode)} is {ActiveMode}");
        }
    }
}
