using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Tests.Core.Features;

/// <summary>A window of a test's catalogue, with its filter as an independent predicate.</summary>
internal sealed record RawWindow(string Text, string? Delay, string? Filter, Func<Payment, bool> Passes)
{
    private const long Hour = MillisecondsPer.Hour;

    public long LengthMs { get; } = Milliseconds(Text);

    public long DelayMs { get; } = Delay is null ? 0 : Milliseconds(Delay);

    public long ReachMs => LengthMs + DelayMs;

    /// <summary>The documented width of the window's tiles.</summary>
    public long TileMs => ReachMs <= 2 * Hour ? MillisecondsPer.Minute : ReachMs <= 48 * Hour ? Hour : 24 * Hour;

    public static long Milliseconds(string text) => long.Parse(text[..^1], System.Globalization.CultureInfo.InvariantCulture)
        * text[^1] switch { 'm' => MillisecondsPer.Minute, 'h' => Hour, _ => 24 * Hour };
}

/// <summary>
/// The complete payment history of an entity, as ground truth for features. It shares no code with profiles; each value is computed from
/// the whole list.
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

    /// <summary>The payments that a profile keeps individually, oldest first.</summary>
    public Payment[] Recent() => _recent ??= [.. _all.Where(e => e.Payment.EventTimeMs > NewestMs - retentionMs)
        .OrderBy(e => e.Payment.EventTimeMs).ThenBy(e => e.Id).TakeLast(recentCapacity).Select(e => e.Payment)];

    public Payment[] Inside(RawWindow window, long now) => [.. _all.Select(e => e.Payment).Where(p => window.Passes(p)
        && p.EventTimeMs < now - window.DelayMs && p.EventTimeMs > now - window.ReachMs)];

    /// <summary>True if every payment that the window may include is kept individually.</summary>
    public bool IsExact(RawWindow window, long now)
    {
        var recent = Recent();
        return recent.Length == _all.Count || (recent.Length > 0 && recent[0].EventTimeMs <= now - window.ReachMs);
    }

    /// <summary>
    /// Payments that a reading may include wrongly, include in part, or miss: those in tiles cut by an end of the window, and those in
    /// tiles already dropped because of payments after the window's end.
    /// </summary>
    public Payment[] Doubtful(RawWindow window, long now)
    {
        var recent = Recent().ToHashSet();
        var reach = windows.Where(w => w.Filter == window.Filter && w.TileMs == window.TileMs).Max(w => w.ReachMs);
        var first = TileOf(NewestMs) - ((reach + window.TileMs - 1) / window.TileMs);
        var inside = Inside(window, now).ToHashSet();
        return [.. _all.Select(e => e.Payment).Where(p => window.Passes(p) && !recent.Contains(p)
            && (IsCut(TileOf(p.EventTimeMs), p) || (inside.Contains(p) && TileOf(p.EventTimeMs) < first)))];

        bool IsCut(long tile, Payment p) => tile == TileOf(now - window.ReachMs)
            || (tile == TileOf(now - window.DelayMs) && (window.DelayMs > 0 || p.EventTimeMs >= now));

        long TileOf(long timeMs) => (timeMs / window.TileMs) - (timeMs % window.TileMs < 0 ? 1 : 0);
    }
}
