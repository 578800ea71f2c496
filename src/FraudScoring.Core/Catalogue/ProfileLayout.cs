using System.Globalization;
using System.Text;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>
/// Hashes the content of stored profiles: what they keep, not how it is encoded. A change of content starts new profiles under new keys;
/// a change of encoding has a format version of its own and keeps the keys.
/// </summary>
internal static class ProfileLayout
{
    public static string HashOf(Currency reference, IEnumerable<EntityPlan> entities)
    {
        var text = new StringBuilder();
        text.Append(reference.Code);
        foreach (var entity in entities)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{entity.Name} {string.Join('+', entity.Fields.Select(f => f.Name))}");
            text.Append(CultureInfo.InvariantCulture, $" {entity.RecentCapacity} {entity.LabelCapacity} {entity.RetentionMs}");
            text.Append(CultureInfo.InvariantCulture, $" {entity.KeepsLocation}");
            text.AppendJoin(' ', entity.Dimensions.Select(d => $" {d.Name}"));
            text.AppendJoin(' ', entity.Filters.Select(f => $" {f.Text}"));
            text.AppendJoin(' ', entity.Levels.Append(entity.LabelLevel).Select(Text));
            text.Append(CultureInfo.InvariantCulture, $" {entity.CountsAllLabels}");
        }
        return ContentHash.Compute(Encoding.UTF8.GetBytes(text.ToString()))[..8];
    }

    private static string Text(TileLevel level) => string.Create(
        CultureInfo.InvariantCulture, $" {level.WidthMs}x{level.Count}/{level.Filter}/{(int)level.Contents}/{level.Sketches}");
}
