namespace FraudScoring.Inference.Compilation;

/// <summary>How trees are written as tensor operators.</summary>
internal enum TreeForm
{
    /// <summary>All splits at once; a product with the paths' matrix tells the leaf. Few operators, work for every leaf.</summary>
    Matrix,

    /// <summary>Level by level through trees filled up to 2^depth leaves. A place tells its children.</summary>
    Perfect,

    /// <summary>Level by level, with a table of children: for trees that are far from full.</summary>
    Pointers,
}
