using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>Reads sections of the configuration into option records, and collects every fault instead of stopping at the first.</summary>
internal static class OptionsReader
{
    /// <summary>Reads one section. Unknown names, values of the wrong type and values out of range are faults.</summary>
    public static T Bind<T>(IConfiguration configuration, string section, Faults faults) where T : class, new()
    {
        var options = new T();
        var node = configuration.GetSection(section);
        if (!string.IsNullOrEmpty(node.Value))
        {
            faults.Add(
                section,
                $"is a section and has no value of its own; set its options, such as {section}:{typeof(T).GetProperties()[0].Name}");
        }
        var known = typeof(T).GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in node.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
            {
                faults.Add($"{section}:{child.Key}", $"is not an option of this section; its options are {string.Join(", ", known.Keys)}");
                continue;
            }
            if (FindFault(child, property) is { } fault)
            {
                faults.Add($"{section}:{property.Name}", fault);
                continue;
            }
            try
            {
                property.SetValue(options, child.Get(property.PropertyType));
            }
            catch (InvalidOperationException)
            {
                faults.Add($"{section}:{property.Name}", $"is not {Kind(property.PropertyType)}");
            }
        }
        foreach (var property in known.Values)
        {
            CheckAttributes(options, property, section, faults);
        }
        return options;
    }

    // Property by property rather than Validator.TryValidateObject, which words the range itself ("The field GrpcPort must be between…").
    private static void CheckAttributes(object options, PropertyInfo property, string section, Faults faults)
    {
        var key = $"{section}:{property.Name}";
        var value = property.GetValue(options);
        var context = new ValidationContext(options) { MemberName = property.Name, DisplayName = key };
        foreach (var attribute in property.GetCustomAttributes<ValidationAttribute>())
        {
            if (attribute.GetValidationResult(value, context) is { } result)
            {
                faults.Add(key, Describe(attribute, value) ?? result.ErrorMessage ?? "is invalid");
            }
        }
    }

    private static string? Describe(ValidationAttribute attribute, object? value) => attribute switch
    {
        RangeAttribute range =>
            string.Create(CultureInfo.InvariantCulture, $"must be between {range.Minimum} and {range.Maximum}; it is {value}"),
        RequiredAttribute => "must be set",
        StringLengthAttribute length => string.Create(CultureInfo.InvariantCulture, $"must have at most {length.MaximumLength} characters"),
        EnumDataTypeAttribute names => $"must be one of {string.Join(", ", Enum.GetNames(names.EnumType))}",
        _ => null,
    };

    private static string? FindFault(IConfigurationSection child, PropertyInfo property)
    {
        if (child.GetChildren().Any())
        {
            return "is a list or an object; set a single value";
        }
        var mayBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        return child.Value is null && !mayBeNull ? "is null; omit the option to use its default" : null;
    }

    private static string Kind(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsEnum: true } names => $"one of {string.Join(", ", Enum.GetNames(names))}",
        var kind when kind == typeof(bool) => "true or false",
        var kind when kind == typeof(double) => "a number",
        _ => "a whole number",
    };
}
