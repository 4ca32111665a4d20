using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AiOs.Local.Tests.Abstractions;

/// <summary>Lists what an assembly shows to others, one signature a line, in the notation of PublicApi.txt.</summary>
static class ApiDump
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly HashSet<string> recordMembers =
        new(["ToString", "GetHashCode", "Equals", "op_Equality", "op_Inequality", "PrintMembers", "EqualityContract", "<Clone>$"], StringComparer.Ordinal);

    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetTypes().Where(t => t.IsVisible).SelectMany(Of);

    static IEnumerable<string> Of(Type type)
    {
        var name = $"{type.Namespace}.{TypeText.Name(type)}";
        foreach (var line in Lines(type))
            yield return $"{name} | {line}";
    }

    static IEnumerable<string> Lines(Type type)
    {
        if (type.IsEnum)
            return [$"public enum {TypeText.Name(type)} {{ {string.Join(", ", Enum.GetNames(type).OrderBy(n => EnumValue(type, n)).Select(n => string.Create(CultureInfo.InvariantCulture, $"{n} = {EnumValue(type, n)}")))} }}"];
        if (type.BaseType == typeof(MulticastDelegate))
        {
            var invoke = type.GetMethod("Invoke")!;
            return [$"public delegate {Returned(invoke)} {TypeText.Name(type)}({Parameters(invoke)});"];
        }
        return [Declaration(type), .. Usage(type), .. Members(type)];
    }

    static int EnumValue(Type type, string name) => (int)type.GetField(name)!.GetRawConstantValue()!;

    static string Declaration(Type type)
    {
        var record = IsRecord(type);
        var kind = type.IsInterface ? "interface" : type.IsValueType ? "struct" : record ? "record" : "class";
        var modifier = type.IsInterface ? "" : type.IsValueType ? type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) ? "readonly " : ""
            : type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        string[] bases =
        [
            .. type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? new[] { TypeText.Name(b) } : [],
            .. type.GetInterfaces().Where(i => !inherited.Contains(i) && (i.IsPublic || i.IsNestedPublic)).Select(TypeText.Name),
        ];
        return $"{(type.IsNestedFamily ? "protected" : "public")} {modifier}{kind} {TypeText.Name(type)}{(bases.Length > 0 ? " : " + string.Join(", ", bases) : "")}{Constraints(type.GetGenericArguments())}";
    }

    static IEnumerable<string> Usage(Type type)
    {
        if (type.CustomAttributes.FirstOrDefault(a => a.AttributeType == typeof(AttributeUsageAttribute)) is not { } usage)
            yield break;
        var targets = (AttributeTargets)usage.ConstructorArguments[0].Value!;
        var named = usage.NamedArguments.Select(n => $", {n.MemberName} = {((bool)n.TypedValue.Value! ? "true" : "false")}");
        yield return $"usage {string.Join(" | ", Enum.GetValues<AttributeTargets>().Where(t => t != AttributeTargets.All && targets.HasFlag(t)).Select(t => $"AttributeTargets.{t}"))}{string.Concat(named)}";
    }

    static IEnumerable<string> Members(Type type)
    {
        if (type.IsValueType)
            yield return $"public {type.Name}();";
        foreach (var member in type.GetMembers(Declared).Where(m => !IsRecord(type) || !recordMembers.Contains(m.Name)))
        {
            var line = member switch
            {
                FieldInfo { IsPublic: true } field => Field(field),
                ConstructorInfo constructor when IsShown(constructor) => $"{Access(constructor)} {Plain(type)}({Parameters(constructor)});",
                PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsShown) => Property(property),
                MethodInfo method when IsShown(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) => Method(method),
                _ => null,
            };
            if (line is not null)
                yield return (member.IsDefined(typeof(ObsoleteAttribute)) ? "[Obsolete] " : "") + line;
        }
    }

    static string Field(FieldInfo field)
    {
        var type = TypeText.Of(field.FieldType, field.CustomAttributes, field);
        return field.IsLiteral
            ? $"public const {type} {field.Name} = {Value(field.GetRawConstantValue(), field.FieldType)};"
            : $"public {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{type} {field.Name};";
    }

    static string Property(PropertyInfo property)
    {
        var shown = property.GetAccessors(nonPublic: true).Where(IsShown).ToList();
        var access = shown.Exists(a => a.IsPublic) ? "public" : "protected";
        var accessors = string.Concat(new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(IsShown).Select(a =>
            (access == "public" && !a.IsPublic ? "protected " : "") + (a == property.GetMethod ? "get; " : IsInit(a) ? "init; " : "set; ")));
        return $"{Prefix(shown[0], access)}{TypeText.Of(property.PropertyType, property.CustomAttributes, property.GetMethod ?? property.SetMethod!)} {property.Name} {{ {accessors}}}";
    }

    static string Method(MethodInfo method)
    {
        var generics = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";
        var prefix = Prefix(method, Access(method));
        return method.Name switch
        {
            "op_Implicit" => $"{prefix}implicit operator {Returned(method)}({Parameters(method)});",
            "op_Equality" => $"{prefix}{Returned(method)} operator ==({Parameters(method)});",
            "op_Inequality" => $"{prefix}{Returned(method)} operator !=({Parameters(method)});",
            _ => $"{prefix}{Returned(method)} {method.Name}{generics}({Parameters(method)}){Constraints(method.GetGenericArguments())};",
        };
    }

    static string Prefix(MethodInfo method, string access)
    {
        if (method.DeclaringType!.IsInterface)
            return "";
        var modifier = method.IsStatic ? "static " : method.IsAbstract ? "abstract "
            : method.GetBaseDefinition() != method ? method.IsFinal ? "sealed override " : "override "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
        return $"{access} {modifier}";
    }

    static string Returned(MethodInfo method) => TypeText.Of(method.ReturnType, method.ReturnParameter.CustomAttributes, method);

    static string Parameters(MethodBase method)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute));
        return string.Join(", ", method.GetParameters().Select(p =>
            $"{(extension && p.Position == 0 ? "this " : "")}{(p.IsOut ? "out " : "")}{(p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}"
            + $"{TypeText.Of(p.ParameterType, p.CustomAttributes, method)} {p.Name}{(p.HasDefaultValue ? " = " + Value(p.RawDefaultValue, p.ParameterType) : "")}"));
    }

    static string Value(object? value, Type type) => value switch
    {
        null => type.IsGenericParameter || (type.IsValueType && Nullable.GetUnderlyingType(type) is null) ? "default" : "null",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    static string Constraints(Type[] parameters) => string.Concat(parameters.Where(p => p.IsGenericParameter).Select(p =>
    {
        var notNull = p.CustomAttributes.FirstOrDefault(a => a.AttributeType.Name == "NullableAttribute")?.ConstructorArguments[0].Value is (byte)1
            || (p.CustomAttributes.All(a => a.AttributeType.Name != "NullableAttribute") && TypeText.ContextOf(p.DeclaringMethod ?? (MemberInfo?)p.DeclaringType) == 1);
        var reference = p.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint);
        string[] all = [.. reference ? new[] { "class" } : [], .. p.GetGenericParameterConstraints().Select(TypeText.Name)];
        if (all.Length == 0 && notNull)
            all = ["notnull"];
        return all.Length == 0 ? "" : $" where {p.Name} : {string.Join(", ", all)}";
    }));

    static string Plain(Type type) => type.Name.Split('`')[0];

    static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    static bool IsShown(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    static bool IsRecord(Type type) => !type.IsValueType && type.GetMethod("<Clone>$", Declared) is not null;
}
