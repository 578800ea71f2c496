using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Features;

/// <summary>Names the shape of stored profiles.</summary>
internal static class ProfileLayout
{
    public static string HashOf(Currency reference, IReadOnlyDictionary<string, long> ratesE9, IEnumerable<EntityPlan> entities)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"v{ProfileCodec.Version} {reference.Code}");
        foreach (var (code, rate) in ratesE9.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $" {code}={rate}");
        }
        foreach (var entity in entities)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{entity.Name} {string.Join('+', entity.Fields.Select(f => f.Name))}");
            text.Append(CultureInfo.InvariantCulture, $" {entity.RecentCapacity} {entity.LabelCapacity} {entity.RetentionMs} {entity.KeepsLocation}");
            text.AppendJoin(' ', entity.Dimensions.Select((d, i) => $" {d.Name}{(entity.DimensionIsSketched[i] ? "~" : "")}"));
            text.AppendJoin(' ', entity.Levels.Append(entity.LabelLevel).Select(l => $" {l.WidthMs}x{l.Count}"));
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..8];
    }
}
