using System.Collections.ObjectModel;
using System.Reflection;

namespace AiOs.Local.Tests.Abstractions;

/// <summary>
/// Writes types as C# does, nullability included. The compiler keeps nullability as one byte a reference in pre-order
/// (github.com/dotnet/roslyn/blob/main/docs/features/nullable-metadata.md): 2 is nullable; a single byte stands for all.
/// </summary>
sealed class TypeText
{
    static readonly Dictionary<Type, string> keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(byte)] = "byte",
        [typeof(int)] = "int", [typeof(long)] = "long", [typeof(double)] = "double", [typeof(char)] = "char",
    };

    readonly ReadOnlyCollection<CustomAttributeTypedArgument>? flags;
    readonly byte all;
    int next;

    TypeText(CustomAttributeData? nullable, byte context)
    {
        var argument = nullable?.ConstructorArguments[0].Value;
        flags = argument as ReadOnlyCollection<CustomAttributeTypedArgument>;
        all = argument is byte one ? one : context;
    }

    /// <summary>A type where it is used: in a parameter, return value, property or field.</summary>
    public static string Of(Type type, IEnumerable<CustomAttributeData> attributes, MemberInfo context) =>
        new TypeText(attributes.FirstOrDefault(a => a.AttributeType.Name == "NullableAttribute"), ContextOf(context)).Write(type);

    /// <summary>A type without regard to nullability.</summary>
    public static string Name(Type type) => new TypeText(nullable: null, context: 0).Write(type);

    public static byte ContextOf(MemberInfo? member)
    {
        for (; member is not null; member = member.DeclaringType)
            if (member.CustomAttributes.FirstOrDefault(a => a.AttributeType.Name == "NullableContextAttribute") is { } found)
                return (byte)found.ConstructorArguments[0].Value!;
        return 0;
    }

    string Write(Type type)
    {
        if (type.IsByRef)
            return Write(type.GetElementType()!);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying) + "?";
        if (type.IsArray)
        {
            var array = Take();
            return Write(type.GetElementType()!) + "[]" + array;
        }
        if (type.IsGenericParameter)
            return type.Name + Take();
        if (keywords.TryGetValue(type, out var keyword))
            return keyword + (type.IsValueType ? "" : Take());
        if (!type.IsGenericType)
            return (type.DeclaringType is { } outer ? Name(outer) + "." : "") + type.Name + (type.IsValueType ? "" : Take());
        var mark = Take();
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Write))}>{(type.IsValueType ? "" : mark)}";
    }

    string Take()
    {
        var flag = flags is null ? all : (byte)flags[next].Value!;
        next++;
        return flag == 2 ? "?" : "";
    }
}
