using System.Globalization;
using System.Text;

namespace FraudScoring.Server.Spool;

/// <summary>
/// What the replacement of a corrupt file did. It is kept in the new file until it is counted and logged, because a kill may come between.
/// </summary>
/// <param name="Aside">Where the corrupt file is now.</param>
/// <param name="Intact">Records that were read from it.</param>
/// <param name="Damaged">Records that are neither intact nor in memory.</param>
/// <param name="Reason">What was wrong with it.</param>
internal sealed record SpoolReport(string Aside, long Intact, long Damaged, string Reason)
{
    public byte[] Write() => SpooledHeaders.Write(
        (nameof(Aside), Encoding.UTF8.GetBytes(Aside)), (nameof(Intact), Bytes(Intact)), (nameof(Damaged), Bytes(Damaged)),
        (nameof(Reason), Encoding.UTF8.GetBytes(Reason)));

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <param name="bytes">Bytes whose checksum was right; null if there are none.</param>
    public static SpoolReport? Read(byte[]? bytes)
    {
        if (bytes is null)
        {
            return null;
        }
        var texts = SpooledHeaders.Read(bytes).ToDictionary(part => part.Name, part => Encoding.UTF8.GetString(part.Value ?? []));
        return new SpoolReport(texts[nameof(Aside)], Number(texts[nameof(Intact)]), Number(texts[nameof(Damaged)]), texts[nameof(Reason)]);
    }

    private static byte[] Bytes(long number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
