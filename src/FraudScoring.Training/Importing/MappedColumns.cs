using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing.Sources;

namespace FraudScoring.Training.Importing;

/// <summary>
/// The columns that a mapping uses, each once: those of the files, and those computed from them by expressions. A row holds their texts in
/// the order in which they were added.
/// </summary>
internal sealed class MappedColumns
{
    private readonly List<string?> _names = [];
    private readonly List<string> _paths = [];
    private readonly List<(int Index, Expression<string[]> Value)> _computed = [];
    private readonly ExpressionScope<string[]> _scope;

    // Path of the expression that is being compiled.
    private string _path = "";

    /// <summary>Columns of no mapping yet.</summary>
    public MappedColumns() => _scope = new ExpressionScope<string[]>().Texts("row", Reader).Texts("", Reader);

    /// <summary>The columns that the files must have; null for computed ones.</summary>
    public SourceColumns Sources => new(_names, _paths);

    /// <summary>Name of a column, as reports show it.</summary>
    public string NameOf(int index) => index < 0 ? "" : _names[index] ?? "(expression)";

    /// <summary>The column that a node names.</summary>
    public int Add(JsonNodeReader node) => IndexOf(node.Text(), node.Path);

    /// <summary>The column that an object names with <c>column</c>, or computes with <c>expression</c>.</summary>
    public int AddEither(JsonNodeReader node)
    {
        var (column, expression) = (node.Member("column"), node.Member("expression"));
        if (column.Exists == expression.Exists)
        {
            node.Fault("must have exactly one of column and expression");
            return 0;
        }
        return column.Exists ? Add(column) : AddExpression(expression);
    }

    /// <summary>A column computed by the expression of a node. Numbers and booleans become texts.</summary>
    public int AddExpression(JsonNodeReader node)
    {
        var (source, faults) = (node.Text(), new Faults());
        _path = node.Path;
        var value = source.Length == 0 ? null : _scope.Compile(source, node.Path, faults);
        if (value is { Type: not ExpressionType.Text })
        {
            value = _scope.Compile($"string({source})", node.Path, faults);
        }
        foreach (var fault in faults)
        {
            node.Fault(fault.Message);
        }
        var index = _names.Count;
        _names.Add(null);
        _paths.Add(node.Path);
        if (value is not null)
        {
            _computed.Add((index, value));
        }
        return index;
    }

    /// <summary>A condition on the columns; null if there is none, or it has a fault.</summary>
    public Expression<string[]>? Condition(JsonNodeReader node)
    {
        _path = node.Path;
        return node.Exists ? node.Condition(_scope) : null;
    }

    /// <summary>Computes the texts of a row that are not in the file.</summary>
    public void Compute(string[] row)
    {
        foreach (var (index, value) in _computed)
        {
            row[index] = value.Text(row);
        }
    }

    private ExpressionReader<string[], string?> Reader(string column)
    {
        var index = IndexOf(column, _path);
        return (in row) => row[index];
    }

    private int IndexOf(string name, string path)
    {
        var index = _names.IndexOf(name);
        if (index < 0)
        {
            index = _names.Count;
            _names.Add(name);
            _paths.Add(path);
        }
        return index;
    }
}
