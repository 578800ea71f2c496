using System.ComponentModel.DataAnnotations;
using System.Reflection;
using FraudScoring.Core.Payments;

namespace FraudScoring.Server.Hosting;

/// <summary>Reads sections of the configuration into records, and collects all that is wrong with any of them.</summary>
internal static class OptionsReader
{
    /// <summary>Reads one section; unknown names, values of another kind and values out of range are faults.</summary>
    public static T Bind<T>(IConfiguration configuration, string section, Faults faults) where T : class, new()
    {
        var options = new T();
        var node = configuration.GetSection(section);
        if (!string.IsNullOrEmpty(node.Value))
        {
            faults.Add(section, $"is a section and has no value of its own; give its options, such as {section}:{typeof(T).GetProperties()[0].Name}");
        }
        var known = typeof(T).GetProperties().Where(p => p.CanWrite).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in node.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
            {
                faults.Add($"{section}:{child.Key}", $"is not an option; options are {string.Join(", ", known.Keys)}");
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
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        faults.AddRange(results.Select(result => new Fault($"{section}:{result.MemberNames.FirstOrDefault()}", result.ErrorMessage ?? "is invalid")));
        return options;
    }

    private static string? FindFault(IConfigurationSection child, PropertyInfo property)
    {
        if (child.GetChildren().Any())
        {
            return "is a list or an object; give one value";
        }
        var mayBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        return child.Value is null && !mayBeNull ? "is null; leave the option out for its default" : null;
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(double) => "a number",
        _ => "a whole number",
    };
}
