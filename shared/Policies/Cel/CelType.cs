using System.Collections.Frozen;

namespace AiOs.Policies.Cel;

/// <summary>The sorts of types that the checker tells apart.</summary>
public enum CelKind
{
    /// <summary><c>true</c> and <c>false</c>.</summary>
    Bool,

    /// <summary>64-bit signed integers; <see cref="long"/> at run time.</summary>
    Int,

    /// <summary>64-bit IEEE numbers; <see cref="double"/> at run time.</summary>
    Double,

    /// <summary>Unicode text.</summary>
    String,

    /// <summary>An instant; <see cref="DateTimeOffset"/> at run time.</summary>
    Timestamp,

    /// <summary>A span of time; <see cref="TimeSpan"/> at run time.</summary>
    Duration,

    /// <summary>The literal <c>null</c>.</summary>
    Null,

    /// <summary>Anything; what it is shows at run time.</summary>
    Dyn,

    /// <summary>A list of one element type.</summary>
    List,

    /// <summary>A map from strings to one value type.</summary>
    Map,

    /// <summary>A thing with declared fields.</summary>
    Object,
}

/// <summary>A type of the CEL checker. Values are <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="bool"/>, null,
/// <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>, <c>IReadOnlyList&lt;object?&gt;</c> and <c>IReadOnlyDictionary&lt;string, object?&gt;</c>.
/// Null belongs to every type (a step that did not run has typed nulls).</summary>
public sealed class CelType
{
    static readonly FrozenDictionary<string, CelType> NoFields = FrozenDictionary<string, CelType>.Empty;

    CelType(CelKind kind, string name, CelType? element = null, IReadOnlyDictionary<string, CelType>? fields = null,
        IReadOnlyList<string>? values = null, IReadOnlyDictionary<string, string>? unavailable = null)
    {
        Kind = kind;
        Name = name;
        Element = element;
        Fields = fields ?? NoFields;
        Values = values;
        Unavailable = unavailable;
    }

    /// <summary>The boolean type.</summary>
    public static CelType Bool { get; } = new(CelKind.Bool, "bool");

    /// <summary>The integer type.</summary>
    public static CelType Int { get; } = new(CelKind.Int, "int");

    /// <summary>The floating-point type.</summary>
    public static CelType Double { get; } = new(CelKind.Double, "double");

    /// <summary>The text type.</summary>
    public static CelType String { get; } = new(CelKind.String, "string");

    /// <summary>The type of instants.</summary>
    public static CelType Timestamp { get; } = new(CelKind.Timestamp, "timestamp");

    /// <summary>The type of spans of time.</summary>
    public static CelType Duration { get; } = new(CelKind.Duration, "duration");

    /// <summary>The type of the literal <c>null</c>.</summary>
    public static CelType Null { get; } = new(CelKind.Null, "null");

    /// <summary>The type of what is only known at run time.</summary>
    public static CelType Dyn { get; } = new(CelKind.Dyn, "dyn");

    /// <summary>A list whose elements have the type <paramref name="element"/>.</summary>
    public static CelType List(CelType element) => new(CelKind.List, $"list({element.Name})", element);

    /// <summary>A map with string keys and values of the type <paramref name="value"/>.</summary>
    public static CelType Map(CelType value) => new(CelKind.Map, $"map(string, {value.Name})", value);

    /// <summary>Text that is always one of <paramref name="values"/>: comparing it with another literal is an error at compile time.</summary>
    public static CelType OneOf(params IReadOnlyList<string> values) => new(CelKind.String, "string", values: values);

    /// <summary>A thing with exactly the <paramref name="fields"/>. <paramref name="unavailable"/> tells, for names that exist elsewhere, why they cannot be used here.</summary>
    public static CelType Object(string name, IReadOnlyDictionary<string, CelType> fields, IReadOnlyDictionary<string, string>? unavailable = null) =>
        new(CelKind.Object, name, fields: fields, unavailable: unavailable);

    /// <summary>Which sort of type this is.</summary>
    public CelKind Kind { get; }

    /// <summary>As a person writes it: <c>list(string)</c>.</summary>
    public string Name { get; }

    /// <summary>What a list holds, or the values of a map.</summary>
    public CelType? Element { get; }

    /// <summary>The declared fields of an object; empty for every other kind.</summary>
    public IReadOnlyDictionary<string, CelType> Fields { get; }

    /// <summary>The closed set of texts, where there is one.</summary>
    public IReadOnlyList<string>? Values { get; }

    /// <summary>Names that are declared elsewhere, each with the reason why this expression cannot see it.</summary>
    public IReadOnlyDictionary<string, string>? Unavailable { get; }

    /// <summary>Whether the type is a number.</summary>
    public bool IsNumber => Kind is CelKind.Int or CelKind.Double;

    /// <summary>Reads what a manifest writes: <c>string, int, double, bool, timestamp, duration, dyn, money, list(T), map(T)</c>; null for anything else.</summary>
    public static CelType? Parse(string text)
    {
        text = text.Trim();
        if (Named.TryGetValue(text, out var named))
            return named;
        if (text.Length > 64 || !text.EndsWith(')'))
            return null;
        if (text.StartsWith("list(", StringComparison.Ordinal))
            return Parse(text[5..^1]) is { } element ? List(element) : null;
        if (!text.StartsWith("map(", StringComparison.Ordinal))
            return null;
        var inner = text[4..^1].Trim();
        if (inner.StartsWith("string,", StringComparison.Ordinal))
            inner = inner[7..];
        return Parse(inner) is { } value ? Map(value) : null;
    }

    /// <summary>An amount of money: <c>{amount: decimal string, minor: int, currency: string}</c>.</summary>
    public static CelType Money { get; } = Object("money", new Dictionary<string, CelType>(StringComparer.Ordinal)
    {
        ["amount"] = String, ["minor"] = Int, ["currency"] = String,
    });

    /// <summary>The simple names that <see cref="Parse"/> knows.</summary>
    public static IReadOnlyDictionary<string, CelType> Named { get; } = new[] { Bool, Int, Double, String, Timestamp, Duration, Dyn, Money }
        .ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>Whether a value of type <paramref name="other"/> may stand where this type is expected (an int may stand for a double).</summary>
    public bool Accepts(CelType other) => (Kind, other.Kind) switch
    {
        (CelKind.Dyn, _) or (_, CelKind.Dyn) or (_, CelKind.Null) => true,
        (CelKind.Double, CelKind.Int) => true,
        (CelKind.List, CelKind.List) => Element!.Accepts(other.Element!),
        (CelKind.Map, CelKind.Map) => Element!.Accepts(other.Element!),
        (CelKind.Map, CelKind.Object) => other.Fields.Values.All(Element!.Accepts),
        (CelKind.Object, CelKind.Object) => Fields.All(field => other.Fields.TryGetValue(field.Key, out var type) && field.Value.Accepts(type)),
        (CelKind.Object, CelKind.Map) => Fields.Values.All(type => type.Accepts(other.Element!)),
        _ => Kind == other.Kind,
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
