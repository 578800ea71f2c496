using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Compiles the declared features into the plans of the entities and the program that computes a row.</summary>
internal sealed class FeatureCompiler(
    IEnumerable<AggregateDefinition> aggregates, List<EntityDraft> entities, Dictionary<string, string> reasons, Currency reference)
{
    private static readonly string[] OfAggregates =
        ["entity", .. Enum.GetValues<AggregateMembers>().Where(m => m != 0).Select(SnakeCase.Convert)];
    private static readonly string[] Members = ["name", "text", "reason", "payment", "aggregate", "formula", "of", .. OfAggregates];
    private static readonly Dictionary<string, PaymentValue> PaymentValues = SnakeNames<PaymentValue>();
    private static readonly Dictionary<string, FormulaOperator> Operators = SnakeNames<FormulaOperator>();

    private readonly Dictionary<string, (int Code, AggregateDefinition Aggregate)> _aggregates =
        aggregates.Index().ToDictionary(a => a.Item.Name, a => a);
    private readonly List<FeatureDefinition> _definitions = [];
    private readonly List<PaymentInstruction> _payment = [];
    private readonly List<FormulaInstruction> _formulas = [];
    private readonly EntityCompiler[] _entities = [.. entities.Select(e => new EntityCompiler(e, new FilterReader(reference)))];
    private readonly Dictionary<string, int> _indexOf = [];

    public void Compile(IEnumerable<JsonNodeReader> nodes)
    {
        var features = nodes.ToList();
        FindDuplicates(entities.Select(e => (e.Node.Member("name"), e.Name)));
        foreach (var node in features)
        {
            node.AllowOnly(Members);
            var name = node.Member("name").Name();
            _indexOf.TryAdd(name, _definitions.Count);
            _definitions.Add(new FeatureDefinition
            {
                Name = name, Index = _definitions.Count, Text = node.Member("text").Text(), Reason = ReasonOf(node.Member("reason")),
            });
        }
        FindDuplicates(features.Zip(_definitions, (node, definition) => (node.Member("name"), definition.Name)));
        for (var i = 0; i < features.Count; i++)
        {
            CompileFeature(i, features[i]);
        }
        SortFormulas(features);
    }

    public bool NeedsMaturity => Array.Exists(_entities, e => e.NeedsMaturity);

    public EntityPlan[] Plans(long maturityMs) => [.. _entities.Select((entity, index) => entity.Plan(index, maturityMs))];

    /// <summary>The features with unit, error bound and meaning. Formulas are described after the features they use.</summary>
    public FeatureDefinition[] Definitions(EntityPlan[] plans)
    {
        var described = _definitions.ToArray();
        foreach (var payment in _payment)
        {
            described[payment.Feature] = FeatureDescription.Describe(described[payment.Feature], payment, reference);
        }
        foreach (var (plan, draft) in plans.SelectMany(p => _entities[p.Index].Features.Select(f => (p, f))))
        {
            described[draft.Feature] = FeatureDescription.Describe(described[draft.Feature], plan, draft, reference);
        }
        foreach (var formula in _formulas)
        {
            described[formula.Feature] = FeatureDescription.Describe(described[formula.Feature], formula, described);
        }
        return described;
    }

    public FeatureProgram Program() => new([.. _payment], [.. _entities.Select(e => e.Instructions())], [.. _formulas]);

    private void CompileFeature(int index, JsonNodeReader node)
    {
        JsonNodeReader payment = node.Member("payment"), aggregate = node.Member("aggregate"), formula = node.Member("formula");
        if ((payment.Exists ? 1 : 0) + (aggregate.Exists ? 1 : 0) + (formula.Exists ? 1 : 0) != 1)
        {
            node.Fault("must have exactly one of payment, aggregate and formula");
        }
        else if (payment.Exists)
        {
            node.AllowNone([.. OfAggregates, "of"]);
            CompilePayment(index, payment);
        }
        else if (formula.Exists)
        {
            node.AllowNone(OfAggregates);
            CompileFormula(index, node, formula);
        }
        else if (Choose(aggregate, _aggregates, out var chosen))
        {
            node.AllowNone("of");
            var name = node.Member("entity").Text();
            var entity = entities.FindIndex(e => e.Name == name);
            if (entity < 0)
            {
                node.Member("entity").Fault($"is not a declared entity; use one of {string.Join(", ", entities.Select(e => e.Name))}");
                return;
            }
            _entities[entity].Compile(index, chosen.Code, chosen.Aggregate, node);
        }
    }

    private void CompilePayment(int index, JsonNodeReader node)
    {
        var text = node.Text();
        const string attribute = "attributes.";
        if (text.StartsWith(attribute, StringComparison.Ordinal) && text.Length > attribute.Length)
        {
            _payment.Add(new PaymentInstruction(index, PaymentValue.Attribute, text[attribute.Length..]));
        }
        else if (Choose(node, PaymentValues, out var value))
        {
            _payment.Add(new PaymentInstruction(index, value, null));
        }
    }

    private void CompileFormula(int index, JsonNodeReader node, JsonNodeReader formula)
    {
        if (!Choose(formula, Operators, out var chosen))
        {
            return;
        }
        var count = chosen switch { FormulaOperator.ZScore => 3, FormulaOperator.Log or FormulaOperator.IsNew => 1, _ => 2 };
        var arguments = node.Array("of", count, count).Select(Argument).ToArray();
        if (arguments.Length == count)
        {
            _formulas.Add(new FormulaInstruction(index, chosen, arguments[0], At(1), At(2)));
        }

        FormulaArgument At(int i) => i < count ? arguments[i] : FormulaArgument.None;
    }

    private FormulaArgument Argument(JsonNodeReader node)
    {
        if (node.Kind == System.Text.Json.JsonValueKind.Number)
        {
            return new FormulaArgument(-1, (float)node.Number(-1e12, 1e12));
        }
        if (_indexOf.TryGetValue(node.Text(), out var feature))
        {
            return new FormulaArgument(feature, 0);
        }
        node.Fault("is not a feature of this catalogue; give the name of one, or a number");
        return FormulaArgument.None;
    }

    /// <summary>Sorts formulas behind the formulas they use, and reports those that form a cycle.</summary>
    private void SortFormulas(List<JsonNodeReader> nodes)
    {
        var waiting = _formulas.ToList();
        var open = waiting.Select(f => f.Feature).ToHashSet();
        _formulas.Clear();
        while (waiting.FindIndex(f => !Uses(f, open)) is var next && next >= 0)
        {
            _formulas.Add(waiting[next]);
            open.Remove(waiting[next].Feature);
            waiting.RemoveAt(next);
        }
        foreach (var formula in waiting)
        {
            nodes[formula.Feature].Member("of").Fault("uses itself, directly or through other formulas; break the cycle");
        }
    }

    private static bool Uses(FormulaInstruction formula, HashSet<int> open) =>
        open.Contains(formula.A.Feature) || open.Contains(formula.B.Feature) || open.Contains(formula.C.Feature);

    private string? ReasonOf(JsonNodeReader node)
    {
        var reason = node.TextOrNull();
        if (reason is not null && !reasons.ContainsKey(reason))
        {
            node.Fault("is not one of the catalogue's reasons; add it to \"reasons\"");
        }
        return reason;
    }

    private static void FindDuplicates(IEnumerable<(JsonNodeReader Node, string Name)> names)
    {
        var seen = new Dictionary<string, string>();
        foreach (var (node, name) in names)
        {
            if (!seen.TryAdd(name, node.Path))
            {
                node.Fault($"is already used at {seen[name]}; names must be unique");
            }
        }
    }

    private static bool Choose<T>(JsonNodeReader node, Dictionary<string, T> choices, out T chosen)
    {
        if (choices.TryGetValue(node.Text(), out chosen!))
        {
            return true;
        }
        node.Fault($"is unknown; use one of {string.Join(", ", choices.Keys)}");
        return false;
    }

    private static Dictionary<string, T> SnakeNames<T>() where T : struct, Enum =>
        Enum.GetValues<T>().Where(v => v is not PaymentValue.Attribute)
            .ToDictionary(v => SnakeCase.Convert(v));
}
