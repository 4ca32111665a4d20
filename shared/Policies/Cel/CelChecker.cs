using AiOs.DataPlane;

namespace AiOs.Policies.Cel;

/// <summary>Finds the type of every node, or says what does not fit and what to write instead.</summary>
sealed class CelChecker(CelEnvironment environment)
{
    public static string Article(CelType type) => type.Kind switch
    {
        CelKind.Int => "an int",
        CelKind.Object => type.Name,
        CelKind.Null => "null",
        CelKind.Dyn => "of unknown type",
        _ => "a " + type.Name,
    };

    public CelType Check(CelExpr expression) => expression switch
    {
        LiteralExpr literal => Literal(literal.Value),
        NameExpr name => Name(name),
        SelectExpr select => Select(select),
        IndexExpr index => Index(index),
        UnaryExpr unary => Unary(unary),
        BinaryExpr binary => CelOperators.Check(this, binary),
        ConditionalExpr conditional => Conditional(conditional),
        ListExpr list => CelType.List(Join(list.Items.Select(Check))),
        MapExpr map => Map(map),
        CallExpr call => Call(call),
        _ => throw new InvalidOperationException(expression.GetType().Name),
    };

    static CelType Literal(object? value) => value switch
    {
        null => CelType.Null,
        bool => CelType.Bool,
        long => CelType.Int,
        double => CelType.Double,
        _ => CelType.String,
    };

    CelType Name(NameExpr name) => environment.Variables.TryGetValue(name.Name, out var type)
        ? type
        : throw Unknown(name);

    CelException Unknown(NameExpr name)
    {
        var known = environment.Variables.Keys;
        var suggestion = name.Name switch
        {
            "True" or "TRUE" or "yes" => "true",
            "False" or "FALSE" or "no" => "false",
            "None" or "NULL" or "nil" or "undefined" => "null",
            _ => DidYouMean.Nearest(name.Name, known),
        };
        return new CelException($"`{name.Name}` is not declared here. Declared: {DidYouMean.List(known)}.", name.Position, suggestion ?? $"for text, put quotes: \"{name.Name}\"");
    }

    CelType Select(SelectExpr select)
    {
        var target = Check(select.Target);
        var type = Field(target, select.Target, select.Field, select.Position);
        select.Declared = target.Kind == CelKind.Object;
        return select.Test ? CelType.Bool : type;
    }

    static CelType Field(CelType target, CelExpr of, string field, int position)
    {
        switch (target.Kind)
        {
            case CelKind.Dyn:
                return CelType.Dyn;
            case CelKind.Map:
                return target.Element!;
            case CelKind.Object when target.Fields.TryGetValue(field, out var type):
                return type;
            case CelKind.Object when target.Unavailable?.TryGetValue(field, out var reason) == true:
                throw new CelException(reason, position);
            case CelKind.Object:
                var nearest = DidYouMean.Nearest(field, target.Fields.Keys);
                throw new CelException($"`{of}` has no `{field}`. It has: {DidYouMean.List(target.Fields.Keys)}.", position, nearest is null ? null : $"{of}.{nearest}");
            default:
                throw new CelException($"`{of}` is {Article(target)} and has no fields.", position);
        }
    }

    CelType Index(IndexExpr index)
    {
        var (target, key) = (Check(index.Target), Check(index.Index));
        switch (target.Kind)
        {
            case CelKind.Object when index.Index is LiteralExpr { Value: string field }:
                index.Declared = true;
                return Field(target, index.Target, field, index.Position);
            case CelKind.Object:
                throw new CelException($"`{index.Target}` has declared fields: name one.", index.Position, $"{index.Target}.{target.Fields.Keys.FirstOrDefault()}");
            case CelKind.List when CelType.Int.Accepts(key) || key.Kind == CelKind.Double:
                return target.Element!;
            case CelKind.List:
                throw new CelException($"A list is indexed by an int, not {Article(key)}.", index.Position, $"{index.Target}[0]");
            case CelKind.Map when CelType.String.Accepts(key):
                return target.Element!;
            case CelKind.Map:
                throw new CelException($"A map is indexed by text, not {Article(key)}.", index.Position, $"{index.Target}[\"key\"]");
            case CelKind.Dyn:
                return CelType.Dyn;
            default:
                throw new CelException($"`{index.Target}` is {Article(target)} and cannot be indexed.", index.Position);
        }
    }

    CelType Unary(UnaryExpr unary)
    {
        var type = Check(unary.Operand);
        if (unary.Operator == "!")
            return CelType.Bool.Accepts(type) ? CelType.Bool
                : throw new CelException($"`!` needs a bool; `{unary.Operand}` is {Article(type)}.", unary.Position, $"{unary.Operand} == null, or a comparison");
        return type.IsNumber || type.Kind is CelKind.Dyn or CelKind.Null or CelKind.Duration ? type
            : throw new CelException($"`-` needs a number; `{unary.Operand}` is {Article(type)}.", unary.Position);
    }

    CelType Conditional(ConditionalExpr conditional)
    {
        var condition = Check(conditional.Condition);
        if (!CelType.Bool.Accepts(condition))
            throw new CelException($"Before `?` stands a bool; `{conditional.Condition}` is {Article(condition)}.", conditional.Position, $"{conditional.Condition} != null ? ... : ...");
        var (then, otherwise) = (Check(conditional.Then), Check(conditional.Otherwise));
        if (!then.Accepts(otherwise) && !otherwise.Accepts(then))
            throw new CelException($"Both sides of `:` must have one type; these are {Article(then)} and {Article(otherwise)}.", conditional.Position);
        return Join([then, otherwise]);
    }

    CelType Map(MapExpr map)
    {
        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
            if (key is not LiteralExpr { Value: string name })
                throw new CelException("The keys of a map are texts in quotes.", key.Position, $"\"{key}\": ...");
            else if (!fields.TryAdd(name, Check(value)))
                throw new CelException($"The key \"{name}\" stands twice.", key.Position);
        return CelType.Map(Join(fields.Values));
    }

    CelType Call(CallExpr call)
    {
        CelFunctions.RefuseComprehension(call);
        var target = call.Target is null ? null : Check(call.Target);
        var arguments = call.Arguments.Select(Check).ToList();
        return CelFunctions.Check(environment, call, target, arguments);
    }

    /// <summary>The one type of several values: theirs when they agree, otherwise <see cref="CelType.Dyn"/>.</summary>
    static CelType Join(IEnumerable<CelType> types)
    {
        CelType? joined = null;
        foreach (var type in types)
            if (joined is null || joined.Kind == CelKind.Null)
                joined = type;
            else if (type.Kind != CelKind.Null && !(joined.Name == type.Name && joined.Kind == type.Kind))
                return CelType.Dyn;
            else if (!ReferenceEquals(joined, type) && type.Kind == CelKind.String)
                joined = CelType.String;
        return joined ?? CelType.Dyn;
    }
}
