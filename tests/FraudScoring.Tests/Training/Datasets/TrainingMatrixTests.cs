using FraudScoring.Training.Datasets;

namespace FraudScoring.Tests.Training.Datasets;

public sealed class TrainingMatrixTests
{
    private const int Rows = TrainingMatrix.ChunkRows * 2 + 100;

    [Test]
    public void Slice_AcrossChunks_HoldsTheRowsOfItsRange()
    {
        var slice = Numbered(Rows).Slice(TrainingMatrix.ChunkRows - 3, TrainingMatrix.ChunkRows + 9);

        Assert.That(slice.Row(0)[0], Is.EqualTo(TrainingMatrix.ChunkRows - 3));
        Assert.That(slice.Row(slice.Rows - 1)[1], Is.EqualTo(-(2 * TrainingMatrix.ChunkRows + 5)));
        Assert.That(slice.Pieces().Select(p => p.Rows), Is.EqualTo(new[] { 3, TrainingMatrix.ChunkRows, 6 }));
        Assert.That(slice.Labels[0], Is.EqualTo((TrainingMatrix.ChunkRows - 3) % 2));
        Assert.That(slice.Slice(2, 2).Row(1)[0], Is.EqualTo(TrainingMatrix.ChunkRows));
    }

    [Test]
    public void Select_Indices_CopiesThoseRowsInThatOrder()
    {
        var chosen = Numbered(Rows).Slice(10, Rows - 10).Select([5, TrainingMatrix.ChunkRows, 5]);

        Assert.That(Enumerable.Range(0, 3).Select(i => chosen.Row(i)[0]), Is.EqualTo(new[] { 15f, TrainingMatrix.ChunkRows + 10, 15 }));
        Assert.That(chosen.Labels.ToArray(), Is.EqualTo(new[] { 1f, 0, 1 }));
        Assert.That(chosen.Weights.ToArray(), Is.EqualTo(new[] { 16f, TrainingMatrix.ChunkRows + 11, 16 }));
    }

    [Test]
    public void Slice_OutsideTheRows_IsRefused()
    {
        var matrix = Numbered(10);

        Assert.That(() => matrix.Slice(5, 6), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => matrix.Slice(-1, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => matrix.Slice(5, 0).Row(0).Length, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Builder_WrongNamesAndColumns_NamesThemAll()
    {
        Assert.That(() => new TrainingMatrixBuilder(["a", "a", "b c", ""], [0, 7, 0]), Throws.ArgumentException.With.Message
            .Contains("'a' occurs 2 times").And.Message.Contains("features[2]").And.Message.Contains("features[3]")
            .And.Message.Contains("column 7").And.Message.Contains("listed only once"));
    }

    [Test]
    public void Add_WhatIsNotARow_IsRefused()
    {
        var builder = new TrainingMatrixBuilder(["a"]);

        Assert.That(() => builder.Add([1, 2], 0), Throws.ArgumentException);
        Assert.That(() => builder.Add([1], 0.5f), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Add([1], float.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Add([1], 1, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Add([1], 1, float.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(builder.Rows, Is.Zero);
    }

    private static TrainingMatrix Numbered(int rows)
    {
        var builder = new TrainingMatrixBuilder(["plus", "minus"]);
        for (var i = 0; i < rows; i++)
        {
            builder.Add([i, -i], i % 2, i + 1);
        }
        return builder.Build();
    }
}
