using System.Numerics;
using FraudScoring.Core.Catalogue;

namespace FraudScoring.Core.Profiles.Codec;

/// <summary>
/// Encodes a ring of tiles, oldest first. A tile holds only what its level keeps. A tile of one or two events holds their amounts instead,
/// if its aggregates determine them: most tiles of a card are that sparse, and an amount is shorter than its sum, square, minimum and
/// maximum.
/// </summary>
/// <remarks>
/// The count is shifted left by three bits. Bit 2 is set if amounts are unknown, and their number follows; bit 1 if the tile does not
/// follow the previous one directly, and the gap follows; bit 0 if the tile has sketches.
/// </remarks>
internal static class TileCodec
{
    public static void Write(TileRing ring, long newestMs, ProfileWriter writer)
    {
        writer.Unsigned((ulong)ring.Count);
        if (ring.Count == 0)
        {
            return;
        }
        // Counted back from the newest payment, since a number counted from 1970 takes more bytes. No tile is newer than that payment.
        writer.Unsigned((ulong)(ring.Level.NumberOf(newestMs) - ring[0].Number));
        var next = ring[0].Number;
        for (var i = 0; i < ring.Count; i++)
        {
            var (passed, count) = ((ulong)(ring[i].Number - next), ring[i].Count);
            next = ring[i].Number + 1;
            var isSketched = IsSketched(ring, i);
            var unknown = ring[i].Unknown;
            writer.Unsigned(((ulong)count << 3) | (unknown > 0 ? 4UL : 0) | (passed > 0 ? 2UL : 0) | (isSketched ? 1UL : 0));
            if (passed > 0)
            {
                writer.Unsigned(passed);
            }
            if (unknown > 0)
            {
                writer.Unsigned((ulong)unknown);
            }
            if (unknown == 0 && DeterminesAmounts(ring.Level.Contents, count))
            {
                WriteEvents(ring, i, writer);
            }
            else
            {
                WriteSums(ring, i, writer);
            }
            for (var s = 0; isSketched && s < ring.Level.SketchCount; s++)
            {
                writer.Sketch(ring.Sketch(i, s));
            }
        }
    }

    public static void Read(ref ProfileReader reader, TileRing ring, long newestMs)
    {
        var level = ring.Level;
        var left = reader.Length(level.Count);
        var next = left > 0 ? level.NumberOf(newestMs) - reader.SmallNumber(level.Count) : 0;
        for (; left > 0; left--)
        {
            var header = reader.Unsigned();
            next += (header & 2) != 0 ? reader.SmallNumber(level.Count) : 0;
            var (i, count) = (ring.Find(next++), (long)(header >> 3));
            var unknown = (header & 4) != 0 ? (long)(reader.Unsigned() & long.MaxValue) : 0;
            if (unknown == 0 && DeterminesAmounts(level.Contents, count))
            {
                ReadEvents(ref reader, ring, i, count);
            }
            else
            {
                (ring[i].Count, ring[i].Unknown) = (count, unknown);
                ReadSums(ref reader, ring, i);
            }
            for (var s = 0; (header & 1) != 0 && s < level.SketchCount; s++)
            {
                reader.Sketch(ref ring.Sketch(i, s));
            }
        }
    }

    /// <summary>
    /// True if the aggregates determine the amounts: any of them does for one event, any two of sum, minimum and maximum for two events.
    /// </summary>
    private static bool DeterminesAmounts(TileContents contents, long count) =>
        (count == 1 && contents != TileContents.None)
        || (count == 2 && BitOperations.PopCount((uint)(contents & (TileContents.Sum | TileContents.Min | TileContents.Max))) >= 2);

    private static bool IsSketched(TileRing ring, int index)
    {
        for (var s = 0; s < ring.Level.SketchCount; s++)
        {
            if (!ring.Sketch(index, s).IsEmpty)
            {
                return true;
            }
        }
        return false;
    }

    private static void WriteEvents(TileRing ring, int index, ProfileWriter writer)
    {
        ref readonly var tile = ref ring[index];
        var contents = ring.Level.Contents;
        // Squares are missing from this choice, because no aggregate keeps them without the sum.
        bool sum = (contents & TileContents.Sum) != 0, min = (contents & TileContents.Min) != 0, max = (contents & TileContents.Max) != 0;
        if (tile.Count == 2)
        {
            writer.Unsigned((ulong)(min ? tile.Min : tile.Sum - tile.Max));
            writer.Unsigned((ulong)(max ? tile.Max : tile.Sum - tile.Min));
            return;
        }
        // If only the histogram is kept, any amount of the bucket restores the same tile.
        writer.Unsigned((ulong)(sum ? tile.Sum : min ? tile.Min : max ? tile.Max : AmountHistogram.LeastOf(ring.Amounts(index)[0].Bucket)));
    }

    private static void ReadEvents(ref ProfileReader reader, TileRing ring, int index, long count)
    {
        for (; count > 0; count--)
        {
            var amount = (long)(reader.Unsigned() & long.MaxValue);
            ring[index].Add(amount, ring.Level.Contents);
            if (ring.KeepsAmounts)
            {
                ring.Amounts(index).Add(amount);
            }
        }
    }

    private static void WriteSums(TileRing ring, int index, ProfileWriter writer)
    {
        ref readonly var tile = ref ring[index];
        var contents = ring.Level.Contents;
        if ((contents & TileContents.Sum) != 0)
        {
            writer.Unsigned((ulong)tile.Sum);
        }
        if ((contents & TileContents.Squares) != 0)
        {
            writer.Unsigned128(tile.SumOfSquares);
        }
        if ((contents & TileContents.Min) != 0)
        {
            writer.Unsigned((ulong)tile.Min);
        }
        if ((contents & TileContents.Max) != 0)
        {
            // Min is 0 in a level that does not keep it; the difference is then the maximum itself.
            writer.Unsigned((ulong)(tile.Max - tile.Min));
        }
        if (ring.KeepsAmounts)
        {
            WriteAmounts(ring.Amounts(index), writer);
        }
    }

    private static void ReadSums(ref ProfileReader reader, TileRing ring, int index)
    {
        ref var tile = ref ring[index];
        var contents = ring.Level.Contents;
        tile.Sum = (contents & TileContents.Sum) != 0 ? (long)reader.Unsigned() : 0;
        tile.SumOfSquares = (contents & TileContents.Squares) != 0 ? reader.Unsigned128() : 0;
        tile.Min = (contents & TileContents.Min) != 0 ? (long)reader.Unsigned() : 0;
        tile.Max = (contents & TileContents.Max) != 0 ? tile.Min + (long)reader.Unsigned() : 0;
        if (ring.KeepsAmounts)
        {
            ReadAmounts(ref reader, ring.Amounts(index));
        }
    }

    private static void WriteAmounts(AmountHistogram amounts, ProfileWriter writer)
    {
        writer.Unsigned((ulong)amounts.Used);
        var next = 0;
        for (var b = 0; b < amounts.Used; b++)
        {
            var (bucket, count) = amounts[b];
            writer.Unsigned((ulong)(bucket - next));
            writer.Unsigned((ulong)count);
            next = bucket + 1;
        }
    }

    private static void ReadAmounts(ref ProfileReader reader, AmountHistogram amounts)
    {
        var next = 0;
        for (var left = reader.Length(AmountHistogram.Buckets); left > 0; left--)
        {
            var bucket = next + (int)reader.SmallNumber(AmountHistogram.Buckets);
            if (bucket >= AmountHistogram.Buckets)
            {
                reader.Fail();
                return;
            }
            amounts.Append(bucket, (long)reader.Unsigned());
            next = bucket + 1;
        }
    }
}
