using FraudScoring.Core.Statistics;

namespace FraudScoring.Simulation;

/// <summary>
/// Draws among the terminals within a radius of a point without keeping a list per customer: candidates come from the nine cells around
/// the point, and those outside the circle are drawn again.
/// </summary>
internal sealed class TerminalGrid
{
    private const double Side = 100;
    private readonly double[] _x, _y;
    private readonly double _radius;
    private readonly int _cells;
    private readonly int[] _byCell;
    private readonly int[] _cellStart;

    // Sums of the weights in front of each place of _byCell; null if all terminals are equally likely.
    private readonly double[]? _weightBefore;

    /// <param name="x">Coordinates of the terminals, 0 to 100.</param>
    /// <param name="y">Coordinates of the terminals, 0 to 100.</param>
    /// <param name="radius">Over 0. A terminal is in reach when it is nearer than this.</param>
    /// <param name="skew">0 to 1. A terminal's weight is its place in the arrays, from 1, to the power of -skew.</param>
    public TerminalGrid(double[] x, double[] y, double radius, double skew = 0)
    {
        (_x, _y, _radius) = (x, y, radius);
        _cells = Math.Clamp((int)(Side / radius), 1, 1_000);
        int[] cellOf = [.. Enumerable.Range(0, x.Length).Select(i => CellOf(y[i]) * _cells + CellOf(x[i]))];
        _cellStart = new int[_cells * _cells + 1];
        foreach (int cell in cellOf)
        {
            _cellStart[cell + 1]++;
        }
        for (int i = 1; i < _cellStart.Length; i++)
        {
            _cellStart[i] += _cellStart[i - 1];
        }
        _byCell = [.. Enumerable.Range(0, x.Length).OrderBy(i => cellOf[i])];
        if (skew > 0)
        {
            _weightBefore = new double[x.Length + 1];
            for (int i = 0; i < _byCell.Length; i++)
            {
                _weightBefore[i + 1] = _weightBefore[i] + PortableMath.ExpOfNegative(skew * PortableMath.Ln(_byCell[i] + 1));
            }
        }
    }

    /// <summary>How many terminals are in reach of a point.</summary>
    public int Count(double x, double y)
    {
        Rows rows = RowsAround(x, y);
        int count = 0;
        for (int i = 0; i < rows.Total; i++)
        {
            count += InReach(Candidate(rows, i), x, y) ? 1 : 0;
        }
        return count;
    }

    /// <summary>A terminal in reach of a point; there must be one.</summary>
    public int Draw(double x, double y, RandomStream random)
    {
        Rows rows = RowsAround(x, y);
        while (true)
        {
            int terminal = _weightBefore is null ? Candidate(rows, random.Below(rows.Total)) : Weighted(rows, random);
            if (InReach(terminal, x, y))
            {
                return terminal;
            }
        }
    }

    private bool InReach(int terminal, double x, double y)
    {
        double dx = _x[terminal] - x;
        double dy = _y[terminal] - y;
        return dx * dx + dy * dy < _radius * _radius;
    }

    private int CellOf(double coordinate) => Math.Min((int)(coordinate * _cells / Side), _cells - 1);

    private Rows RowsAround(double x, double y)
    {
        int column = CellOf(x);
        int row = CellOf(y);
        return new(Row(row - 1, column), Row(row, column), Row(row + 1, column));
    }

    /// <summary>The three cells of a row are neighbours in <see cref="_byCell"/> too.</summary>
    private Span Row(int row, int column)
    {
        if (row < 0 || row >= _cells)
        {
            return default;
        }
        int start = _cellStart[row * _cells + Math.Max(column - 1, 0)];
        return new(start, _cellStart[row * _cells + Math.Min(column + 1, _cells - 1) + 1] - start);
    }

    private int Weighted(Rows rows, RandomStream random)
    {
        double above = Weight(rows.Above), middle = Weight(rows.Middle);
        double at = random.Uniform(0, above + middle + Weight(rows.Below));
        return at < above ? AtWeight(rows.Above, at)
            : at < above + middle ? AtWeight(rows.Middle, at - above)
            : AtWeight(rows.Below, at - above - middle);
    }

    private double Weight(Span span) => _weightBefore![span.Start + span.Length] - _weightBefore[span.Start];

    /// <summary>The terminal whose part of the span's weight a number falls into.</summary>
    private int AtWeight(Span span, double at)
    {
        int found = Array.BinarySearch(_weightBefore!, span.Start, span.Length, _weightBefore![span.Start] + at);
        return _byCell[Math.Clamp(found < 0 ? ~found - 1 : found, span.Start, span.Start + span.Length - 1)];
    }

    private int Candidate(Rows rows, int index)
    {
        if (index < rows.Above.Length)
        {
            return _byCell[rows.Above.Start + index];
        }
        index -= rows.Above.Length;
        return index < rows.Middle.Length ? _byCell[rows.Middle.Start + index] : _byCell[rows.Below.Start + index - rows.Middle.Length];
    }

    private readonly record struct Span(int Start, int Length);

    private readonly record struct Rows(Span Above, Span Middle, Span Below)
    {
        public int Total => Above.Length + Middle.Length + Below.Length;
    }
}
