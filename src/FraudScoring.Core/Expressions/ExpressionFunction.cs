namespace FraudScoring.Core.Expressions;

/// <summary>A function of the language. The first argument of a method is its target.</summary>
/// <param name="Name">The name.</param>
/// <param name="Usage">How it is called, for faults.</param>
/// <param name="Types">The types of its arguments; null for any type.</param>
/// <param name="Least">The number of arguments that cannot be left out.</param>
internal sealed record ExpressionFunction(string Name, string Usage, ExpressionType?[] Types, int Least)
{
    private const ExpressionType Text = ExpressionType.Text, Number = ExpressionType.Number;

    /// <summary>All functions.</summary>
    public static IReadOnlyList<ExpressionFunction> All { get; } =
    [
        new("size", "size(text)", [Text], 1),
        new("double", "double(text)", [null], 1),
        new("string", "string(x)", [null], 1),
        new("has", "has(name)", [null], 1),
        new("startsWith", "text.startsWith(text)", [Text, Text], 2),
        new("endsWith", "text.endsWith(text)", [Text, Text], 2),
        new("contains", "text.contains(text)", [Text, Text], 2),
        new("matches", "text.matches(pattern)", [Text, Text], 2),
        new("lowerAscii", "text.lowerAscii()", [Text], 1),
        new("upperAscii", "text.upperAscii()", [Text], 1),
        new("trim", "text.trim()", [Text], 1),
        new("substring", "text.substring(start, end)", [Text, Number, Number], 2),
        new("replace", "text.replace(old, new)", [Text, Text, Text], 3),
    ];

    /// <summary>True if it is called on a text.</summary>
    public bool IsMethod => Usage.StartsWith("text.", StringComparison.Ordinal);

    /// <summary>Finds a function; null if there is none of this name.</summary>
    public static ExpressionFunction? Find(string name) => All.FirstOrDefault(function => function.Name == name);
}
