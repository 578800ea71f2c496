using FraudScoring.Server.Features;

namespace FraudScoring.Server.Streams;

/// <summary>
/// When to rebuild a corrupt profile again after a failure: with growing pauses, up to a number of attempts. A profile that was given up is
/// attempted again when it is read after another pause.
/// </summary>
/// <remarks>
/// Every payment of the entity finds the profile again, and each attempt reads the whole log. Without the pauses, one profile that cannot
/// be rebuilt would keep the brokers busy for ever.
/// </remarks>
internal sealed class RepairSchedule(TimeProvider time)
{
    /// <summary>Attempts before a profile is given up.</summary>
    public const int MostAttempts = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10), LongestPause = TimeSpan.FromHours(1);

    private readonly Dictionary<CorruptProfile, Failed> _failed = [];

    /// <summary>True if the profile may be rebuilt now: it has not failed lately.</summary>
    public bool IsOpen(CorruptProfile found)
    {
        if (!_failed.TryGetValue(found, out var failed))
        {
            return true;
        }
        if (failed.Attempts == MostAttempts && IsDue(failed))
        {
            _failed.Remove(found);
            return true;
        }
        return false;
    }

    /// <summary>Profiles that failed, whose pause is over and that were not given up.</summary>
    public IReadOnlyList<CorruptProfile> Due() =>
        [.. _failed.Where(entry => entry.Value.Attempts < MostAttempts && IsDue(entry.Value)).Select(entry => entry.Key)];

    /// <summary>Time until <see cref="Due"/> has a profile; null if none waits.</summary>
    public TimeSpan? NextIn()
    {
        var waiting = _failed.Values.Where(failed => failed.Attempts < MostAttempts).ToList();
        if (waiting.Count == 0)
        {
            return null;
        }
        var left = waiting.Min(failed => failed.DueAt) - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Records that a profile could not be rebuilt.</summary>
    /// <returns>The pause before the next attempt, and whether the profile is given up.</returns>
    public (TimeSpan Pause, bool IsGivenUp) Fail(CorruptProfile found)
    {
        var attempts = Math.Min(MostAttempts, (_failed.TryGetValue(found, out var failed) ? failed.Attempts : 0) + 1);
        var pause = FirstPause * Math.Pow(6, attempts - 1);
        pause = pause < LongestPause ? pause : LongestPause;
        _failed[found] = new Failed(attempts, time.GetUtcNow() + pause);
        return (pause, attempts == MostAttempts);
    }

    /// <summary>Forgets the failures of a profile that was rebuilt.</summary>
    public void Succeed(CorruptProfile found) => _failed.Remove(found);

    private bool IsDue(Failed failed) => failed.DueAt <= time.GetUtcNow();

    private readonly record struct Failed(int Attempts, DateTimeOffset DueAt);
}
