using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>A window as a test's catalogue asks for it, with its filter as a predicate of the test's own.</summary>
internal sealed record RawWindow(string Text, string? Delay, string? Filter, Func<Payment, bool> Passes)
{
    private const long Hour = MillisecondsPer.Hour;

    public long LengthMs { get; } = Milliseconds(Text);

    public long DelayMs { get; } = Delay is null ? 0 : Milliseconds(Delay);

    public long ReachMs => LengthMs + DelayMs;

    /// <summary>What tiles are documented to be wide.</summary>
    public long TileMs => ReachMs <= 2 * Hour ? MillisecondsPer.Minute : ReachMs <= 48 * Hour ? Hour : 24 * Hour;

    public static long Milliseconds(string text) => long.Parse(text[..^1], System.Globalization.CultureInfo.InvariantCulture)
        * text[^1] switch { 'm' => MillisecondsPer.Minute, 'h' => Hour, _ => 24 * Hour };
}

/// <summary>
/// Every payment of an entity, kept for ever: the ground truth for features. Nothing here shares code with profiles; each question is
/// answered from the whole list.
/// </summary>
internal sealed class RawPayments(int recentCapacity, long retentionMs, IReadOnlyList<RawWindow> windows)
{
    private readonly List<(Payment Payment, ulong Id)> _all = [];
    private Payment[]? _recent;

    public IReadOnlyList<(Payment Payment, ulong Id)> All => _all;

    public long NewestMs { get; private set; } = long.MinValue;

    public void Add(Payment payment)
    {
        _all.Add((payment, ProfileEvent.IdOf(payment.TransactionId)));
        (NewestMs, _recent) = (Math.Max(NewestMs, payment.EventTimeMs), null);
    }

    /// <summary>The payments that a profile keeps one by one, oldest first.</summary>
    public Payment[] Recent() => _recent ??= [.. _all.Where(e => e.Payment.EventTimeMs > NewestMs - retentionMs)
        .OrderBy(e => e.Payment.EventTimeMs).ThenBy(e => e.Id).TakeLast(recentCapacity).Select(e => e.Payment)];

    public Payment[] Inside(RawWindow window, long now) => [.. _all.Select(e => e.Payment).Where(p => window.Passes(p)
        && p.EventTimeMs < now - window.DelayMs && p.EventTimeMs > now - window.ReachMs)];

    /// <summary>True when every payment that the window may hold is kept one by one.</summary>
    public bool IsExact(RawWindow window, long now)
    {
        var recent = Recent();
        return recent.Length == _all.Count || (recent.Length > 0 && recent[0].EventTimeMs <= now - window.ReachMs);
    }

    /// <summary>
    /// Payments that a reading may wrongly hold, wholly or in part, or miss: those in tiles that an end of the window cuts, and in tiles
    /// that are gone because newer payments have come than the window's end.
    /// </summary>
    public Payment[] Doubtful(RawWindow window, long now)
    {
        var recent = Recent().ToHashSet();
        var reach = windows.Where(w => w.Filter == window.Filter && w.TileMs == window.TileMs).Max(w => w.ReachMs);
        var first = Slot(NewestMs) - ((reach + window.TileMs - 1) / window.TileMs);
        var inside = Inside(window, now).ToHashSet();
        return [.. _all.Select(e => e.Payment).Where(p => window.Passes(p) && !recent.Contains(p)
            && (IsCut(Slot(p.EventTimeMs), p) || (inside.Contains(p) && Slot(p.EventTimeMs) < first)))];

        bool IsCut(long slot, Payment p) => slot == Slot(now - window.ReachMs)
            || (slot == Slot(now - window.DelayMs) && (window.DelayMs > 0 || p.EventTimeMs >= now));

        long Slot(long timeMs) => (timeMs / window.TileMs) - (timeMs % window.TileMs < 0 ? 1 : 0);
    }
}
