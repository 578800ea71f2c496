namespace FraudScoring.Inference.Attribution;

/// <summary>How a split compares its feature with its threshold. The row goes to the true child if the comparison holds.</summary>
public enum BranchMode : byte
{
    /// <summary>feature &lt;= threshold (BRANCH_LEQ).</summary>
    LessOrEqual,
    /// <summary>feature &lt; threshold (BRANCH_LT).</summary>
    Less,
    /// <summary>feature &gt;= threshold (BRANCH_GTE).</summary>
    GreaterOrEqual,
    /// <summary>feature &gt; threshold (BRANCH_GT).</summary>
    Greater,
    /// <summary>feature = threshold (BRANCH_EQ).</summary>
    Equal,
    /// <summary>feature differs from threshold (BRANCH_NEQ).</summary>
    NotEqual,
}
