namespace FraudScoring.Inference.Compilation;

/// <summary>How trees are written as tensor operators. <see cref="TreeForms.Choose"/> picks one.</summary>
internal enum TreeForm
{
    /// <summary>
    /// All splits together, then matrix products that select the leaf. A fixed number of operators, but work for every leaf: for
    /// small trees.
    /// </summary>
    Matrix,

    /// <summary>Level by level through trees padded to 2^depth leaves. Children are computed: for trees that are nearly full.</summary>
    Perfect,

    /// <summary>Level by level, with a table of children and so one look-up more per level: for all other trees.</summary>
    Pointers,
}
