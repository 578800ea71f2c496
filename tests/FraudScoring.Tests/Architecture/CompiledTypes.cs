using System.Reflection;
using System.Reflection.Emit;

namespace FraudScoring.Tests.Architecture;

/// <summary>The use of a type or member.</summary>
/// <param name="From">The outermost type that uses it, so that lambdas and state machines count as part of their type.</param>
/// <param name="Target">The used type or member.</param>
internal sealed record CompiledUse(Type From, MemberInfo Target);

/// <summary>
/// Finds what compiled types use in base types, attributes, fields, signatures, locals and method bodies. Constants and enum values that
/// the compiler has inlined are not found, nor is <c>nameof</c>.
/// </summary>
internal static class CompiledTypes
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>All distinct uses in the given types.</summary>
    public static IReadOnlyCollection<CompiledUse> Uses(IEnumerable<Type> types)
    {
        var uses = new HashSet<CompiledUse>();
        foreach (var type in types)
        {
            var from = Outermost(type);
            foreach (var used in UsedBy(type))
            {
                uses.Add(new CompiledUse(from, used));
            }
        }
        return uses;
    }

    /// <summary>The types that a type is composed of: element types of arrays and references, and arguments of generic types.</summary>
    public static IEnumerable<Type> Parts(Type type) => type switch
    {
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericParameter: true } => [],
        { IsFunctionPointer: true } =>
            type.GetFunctionPointerParameterTypes().Append(type.GetFunctionPointerReturnType()).SelectMany(Parts),
        { IsGenericType: true, IsGenericTypeDefinition: false } =>
            type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    /// <summary>The outermost type that contains a nested type.</summary>
    public static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } around)
        {
            type = around;
        }
        return type;
    }

    private static IEnumerable<MemberInfo> UsedBy(Type type)
    {
        IEnumerable<Type> signatures =
        [
            .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes, .. type.GetInterfaces(), .. AttributesOf(type),
            .. ConstraintsOf(type),
            .. type.GetFields(Declared).SelectMany(field => AttributesOf(field).Append(field.FieldType)),
            .. type.GetProperties(Declared).SelectMany(property => AttributesOf(property).Append(property.PropertyType)),
            .. type.GetEvents(Declared).Select(one => one.EventHandlerType!),
        ];
        var methods = type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)).ToList();
        return signatures.SelectMany(Parts).Concat(methods.SelectMany(method => SignatureOf(method).SelectMany(Parts)))
            .Concat(methods.SelectMany(BodyOf));
    }

    private static IEnumerable<Type> AttributesOf(MemberInfo member) => member.GetCustomAttributesData().SelectMany(attribute =>
        attribute.ConstructorArguments.Concat(attribute.NamedArguments.Select(named => named.TypedValue))
            .Select(argument => argument.Value).OfType<Type>().Append(attribute.AttributeType));

    private static IEnumerable<Type> ConstraintsOf(Type type) =>
        type.GetGenericArguments().Where(argument => argument.IsGenericParameter)
            .SelectMany(argument => argument.GetGenericParameterConstraints());

    private static IEnumerable<Type> SignatureOf(MethodBase method) =>
    [
        .. method.GetParameters().Select(parameter => parameter.ParameterType), .. AttributesOf(method),
        .. method is MethodInfo { ReturnType: var returned } ? [returned] : Type.EmptyTypes,
        .. method.IsGenericMethodDefinition ? method.GetGenericArguments()
            .SelectMany(argument => argument.GetGenericParameterConstraints()) : [],
    ];

    private static IEnumerable<MemberInfo> BodyOf(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            return [];
        }
        var handled = body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
            .Select(clause => clause.CatchType!);
        return body.LocalVariables.Select(local => local.LocalType).Concat(handled).SelectMany(Parts)
            .Concat(TokensOf(body.GetILAsByteArray()!).Select(token => Resolve(method, token)).SelectMany(MembersOf));
    }

    private static IEnumerable<MemberInfo> MembersOf(MemberInfo member) => member switch
    {
        Type type => Parts(type),
        MethodInfo { IsGenericMethod: true } method =>
            [method, .. method.GetGenericArguments().SelectMany(Parts), .. Parts(method.DeclaringType!)],
        { DeclaringType: { } declaring } => [member, .. Parts(declaring)],
        _ => [member],
    };

    private static MemberInfo Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, method.IsGenericMethod ? method.GetGenericArguments() : null)!;
    }

    /// <summary>The tokens of types, methods and fields in the IL of a method.</summary>
    private static IEnumerable<int> TokensOf(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var value = code[at++];
            var operation = OpCodesByValue[value == 0xFE ? unchecked((short)(0xFE00 | code[at++])) : value];
            switch (operation.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return BitConverter.ToInt32(code, at);
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(code, at));
                    break;
                default:
                    at += LengthOf(operation.OperandType);
                    break;
            }
        }
    }

    private static int LengthOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
