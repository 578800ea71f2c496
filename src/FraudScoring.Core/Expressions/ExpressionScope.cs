using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Expressions;

/// <summary>The names that an expression may use, with their types and how each is read from the context.</summary>
/// <typeparam name="TContext">What an expression is evaluated on: a class, or a struct, which is passed by reference.</typeparam>
/// <remarks>
/// Names may have members: <c>payment.amount</c>. In an expression, <c>a.b</c> and <c>a["b"]</c> are the same. Maps have members whose
/// names are not known in advance, such as the columns of a file.
/// </remarks>
public sealed class ExpressionScope<TContext>
    where TContext : allows ref struct
{
    private const int MostNamesInFault = 12;
    private readonly Dictionary<string, Func<Syntax, Operand<TContext>>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Map> _maps = new(StringComparer.Ordinal);

    /// <summary>Adds a text. The reader returns null or an empty text if the value is missing.</summary>
    /// <exception cref="ArgumentException">The name exists, or is not made of identifiers with dots between them.</exception>
    public ExpressionScope<TContext> Text(string name, ExpressionReader<TContext, string?> read) => Add(name, OfText(read));

    /// <summary>Adds a number. The reader returns NaN if the value is missing.</summary>
    /// <exception cref="ArgumentException">The name exists, or is not made of identifiers with dots between them.</exception>
    public ExpressionScope<TContext> Number(string name, ExpressionReader<TContext, double> read) =>
        Add(name, syntax => new Operand<TContext>(syntax, read));

    /// <summary>
    /// Adds a number of single precision. Literals that it is compared with are rounded to single precision, so that 0.7 equals 0.7. The
    /// reader returns NaN if the value is missing.
    /// </summary>
    /// <exception cref="ArgumentException">The name exists, or is not made of identifiers with dots between them.</exception>
    public ExpressionScope<TContext> SingleNumber(string name, ExpressionReader<TContext, float> read) =>
        Add(name, syntax => new Operand<TContext>(syntax, (in c) => (double)read(in c)) { IsSingle = true });

    /// <summary>Adds a boolean.</summary>
    /// <exception cref="ArgumentException">The name exists, or is not made of identifiers with dots between them.</exception>
    public ExpressionScope<TContext> Boolean(string name, ExpressionReader<TContext, bool> read) =>
        Add(name, syntax => new Operand<TContext>(syntax, read));

    /// <summary>Adds a map of texts.</summary>
    /// <param name="map">Its name; an empty name makes every member a name of its own.</param>
    /// <param name="find">Called with the name of a member while an expression is compiled; null if there is no such member.</param>
    /// <param name="known">Names of members that a fault may suggest, as far as they are known.</param>
    /// <exception cref="ArgumentException">The map exists.</exception>
    public ExpressionScope<TContext> Texts(
        string map, Func<string, ExpressionReader<TContext, string?>?> find, IEnumerable<string>? known = null) =>
        AddMap(map, member => find(member) is { } read ? OfText(read) : null, known);

    /// <summary>Adds a map of numbers.</summary>
    /// <param name="map">Its name; an empty name makes every member a name of its own.</param>
    /// <param name="find">Called with the name of a member while an expression is compiled; null if there is no such member.</param>
    /// <param name="known">Names of members that a fault may suggest, as far as they are known.</param>
    /// <exception cref="ArgumentException">The map exists.</exception>
    public ExpressionScope<TContext> Numbers(
        string map, Func<string, ExpressionReader<TContext, double>?> find, IEnumerable<string>? known = null) =>
        AddMap(map, member => find(member) is { } read ? syntax => new Operand<TContext>(syntax, read) : null, known);

    /// <summary>Compiles an expression.</summary>
    /// <param name="source">The expression.</param>
    /// <param name="path">Path of the expression in its file, which faults name.</param>
    /// <param name="faults">Receives all faults, each with its position in the source.</param>
    /// <param name="type">The type that its value must have; null for any.</param>
    /// <returns>Null if it has a fault.</returns>
    public Expression<TContext>? Compile(string source, string path, Faults faults, ExpressionType? type = null)
    {
        var own = new ExpressionFaults();
        var root = Compile(source, own, type);
        own.Report(path, faults);
        return own.Count > 0 || root is null ? null : new Expression<TContext>(source, root);
    }

    /// <summary>Finds what a name reads; null if it is unknown, which adds a fault.</summary>
    internal Operand<TContext>? Find(NameSyntax name, ExpressionFaults faults)
    {
        var written = Written(name.Path);
        if (name.Path.All(Tokenizer.IsName) && _names.TryGetValue(written, out var create))
        {
            return create(name);
        }
        if (_maps.TryGetValue(Written([.. name.Path.SkipLast(1)]), out var map) && map.Find(name.Path[^1]) is { } member)
        {
            return member(name);
        }
        faults.Add(name.At, DescribeUnknown(written));
        return null;
    }

    private Operand<TContext>? Compile(string source, ExpressionFaults faults, ExpressionType? type)
    {
        if (source.Length > ExpressionLimits.SourceLength)
        {
            faults.Add(ExpressionLimits.SourceLength,
                $"the expression is too long; at most {ExpressionLimits.SourceLength:#,0} characters are allowed");
            return null;
        }
        var tokens = new Tokenizer(source, faults).Split();
        return faults.Count == 0 && new SyntaxParser(tokens, faults).Parse() is { } syntax
            ? new OperandCompiler<TContext>(source, this, faults).CompileRoot(syntax, type) : null;
    }

    private string DescribeUnknown(string written)
    {
        var known = _names.Keys.Concat(_maps.SelectMany(map => map.Value.Known.Select(member => Written(PathOf(map.Key, member)))))
            .Distinct().ToList();
        var members = known.Where(other => other.Length > written.Length && other.StartsWith(written, StringComparison.Ordinal)
                && other[written.Length] is '.' or '[')
            .ToList();
        if (members.Count > 0 || _maps.ContainsKey(written))
        {
            return $"{written} has no value itself; use a member, such as {members.FirstOrDefault() ?? written + "[\"name\"]"}";
        }
        return SimilarName.Find(written, known) is { } similar ? $"{written} is unknown; did you mean {similar}?"
            : known.Count is > 0 and <= MostNamesInFault ? $"{written} is unknown; known are {string.Join(", ", known)}"
            : $"{written} is unknown, and no known name is similar to it";
    }

    private static string[] PathOf(string map, string member) => map.Length == 0 ? [member] : [.. map.Split('.'), member];

    /// <summary>A name as it is written in an expression: <c>payment.amount</c>, <c>row["Merchant Name"]</c>.</summary>
    private static string Written(IReadOnlyList<string> path) => string.Concat(path.Select((part, i) =>
        i == 0 ? part : Tokenizer.IsName(part) ? $".{part}" : $"[\"{part}\"]"));

    private static Func<Syntax, Operand<TContext>> OfText(ExpressionReader<TContext, string?> read) =>
        syntax => new Operand<TContext>(syntax, (in c) => read(in c) ?? "");

    private ExpressionScope<TContext> Add(string name, Func<Syntax, Operand<TContext>> create)
    {
        if (!name.Split('.').All(Tokenizer.IsName) || !_names.TryAdd(name, create))
        {
            throw new ArgumentException($"'{name}' exists already, or is not made of identifiers with dots between them.", nameof(name));
        }
        return this;
    }

    private ExpressionScope<TContext> AddMap(
        string name, Func<string, Func<Syntax, Operand<TContext>>?> find, IEnumerable<string>? known)
    {
        if (!_maps.TryAdd(name, new Map(find, known?.ToArray() ?? [])))
        {
            throw new ArgumentException($"The map '{name}' exists already.", nameof(name));
        }
        return this;
    }

    private sealed record Map(Func<string, Func<Syntax, Operand<TContext>>?> Find, IReadOnlyList<string> Known);
}

/// <summary>Reads a value from the context of an expression.</summary>
/// <typeparam name="TContext">What is read: a class, or a struct, which is passed by reference.</typeparam>
/// <typeparam name="TValue">bool, double, float, or string, which may be null if the value is missing.</typeparam>
public delegate TValue ExpressionReader<TContext, out TValue>(in TContext context)
    where TContext : allows ref struct;
