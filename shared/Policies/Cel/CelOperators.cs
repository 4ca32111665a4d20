using AiOs.DataPlane;

namespace AiOs.Policies.Cel;

/// <summary>The binary operators: which types they take, and what they give.</summary>
static class CelOperators
{
    public static CelType Check(CelChecker checker, BinaryExpr binary)
    {
        var (left, right) = (checker.Check(binary.Left), checker.Check(binary.Right));
        return binary.Operator switch
        {
            "&&" or "||" => Logic(binary, left, right),
            "==" or "!=" => Equality(binary, left, right),
            "in" => Membership(binary, left, right),
            "<" or "<=" or ">" or ">=" => Order(binary, left, right),
            _ => Arithmetic(binary, left, right),
        };
    }

    static CelType Logic(BinaryExpr binary, CelType left, CelType right)
    {
        foreach (var (operand, type) in new[] { (binary.Left, left), (binary.Right, right) })
            if (!CelType.Bool.Accepts(type))
                throw new CelException($"`{binary.Operator}` joins bools; `{operand}` is {CelChecker.Article(type)}.", operand.Position, $"{operand} == ...");
        return CelType.Bool;
    }

    static CelType Equality(BinaryExpr binary, CelType left, CelType right)
    {
        if (!Comparable(left, right))
            throw Mismatch(binary, left, right);
        CheckValue(binary.Left, right, binary);
        CheckValue(binary.Right, left, binary);
        return CelType.Bool;
    }

    static CelType Membership(BinaryExpr binary, CelType item, CelType container)
    {
        switch (container.Kind)
        {
            case CelKind.List:
                if (!Comparable(item, container.Element!))
                    throw Mismatch(binary, item, container);
                foreach (var element in (binary.Right as ListExpr)?.Items ?? [])
                    CheckValue(element, item, binary);
                return CelType.Bool;
            case CelKind.Map or CelKind.Object:
                return CelType.String.Accepts(item) ? CelType.Bool : throw Mismatch(binary, item, container);
            case CelKind.Dyn:
                return CelType.Bool;
            case CelKind.String:
                throw new CelException("`in` looks into lists and maps, not into text.", binary.Position, $"{binary.Right}.contains({binary.Left})");
            default:
                throw new CelException($"`in` looks into lists and maps; `{binary.Right}` is {CelChecker.Article(container)}.", binary.Position, $"{binary.Left} in [...]");
        }
    }

    static CelType Order(BinaryExpr binary, CelType left, CelType right)
    {
        if (left.Kind == CelKind.Null || right.Kind == CelKind.Null)
            throw new CelException($"Nothing is less or more than null.", binary.Position, $"{(left.Kind == CelKind.Null ? binary.Right : binary.Left)} != null");
        foreach (var (operand, type) in new[] { (binary.Left, left), (binary.Right, right) })
            if (type.Kind is CelKind.List or CelKind.Map or CelKind.Object)
                throw new CelException($"`{operand}` is {CelChecker.Article(type)} and has no order.", operand.Position,
                    type.Fields.ContainsKey("minor") ? (ReferenceEquals(operand, binary.Left) ? $"{operand}.minor {binary.Operator} {binary.Right}" : $"{binary.Left} {binary.Operator} {operand}.minor") : type.Kind == CelKind.List ? $"size({operand})" : null);
        return Comparable(left, right) ? CelType.Bool : throw Mismatch(binary, left, right);
    }

    static CelType Arithmetic(BinaryExpr binary, CelType left, CelType right) => (binary.Operator, left.Kind, right.Kind) switch
    {
        (_, CelKind.Null, _) or (_, _, CelKind.Null) => throw new CelException($"`{binary.Operator}` cannot take null.", binary.Position),
        (_, CelKind.Dyn, _) or (_, _, CelKind.Dyn) => left.Kind == CelKind.Dyn || right.Kind == CelKind.Dyn ? CelType.Dyn : left,
        (_, CelKind.Int, CelKind.Int) => CelType.Int,
        ("+" or "-" or "*" or "/", CelKind.Double, CelKind.Double) => CelType.Double,
        ("%", CelKind.Double, _) or ("%", _, CelKind.Double) => throw new CelException("`%` takes ints.", binary.Position, $"int({binary.Left}) % int({binary.Right})"),
        (_, CelKind.Int, CelKind.Double) => throw Mixed(binary, $"double({binary.Left}) {binary.Operator} {binary.Right}"),
        (_, CelKind.Double, CelKind.Int) => throw Mixed(binary, $"{binary.Left} {binary.Operator} {(binary.Right is LiteralExpr literal ? literal + ".0" : $"double({binary.Right})")}"),
        ("+", CelKind.String, CelKind.String) => CelType.String,
        ("+", CelKind.String, _) => throw Mixed(binary, $"{binary.Left} + string({binary.Right})"),
        ("+", _, CelKind.String) => throw Mixed(binary, $"string({binary.Left}) + {binary.Right}"),
        ("+", CelKind.List, CelKind.List) => left.Name == right.Name ? left : CelType.List(CelType.Dyn),
        ("+", CelKind.Timestamp, CelKind.Duration) or ("+", CelKind.Duration, CelKind.Timestamp) or ("-", CelKind.Timestamp, CelKind.Duration) => CelType.Timestamp,
        ("-", CelKind.Timestamp, CelKind.Timestamp) or ("+" or "-", CelKind.Duration, CelKind.Duration) => CelType.Duration,
        _ => throw Mismatch(binary, left, right),
    };

    static bool Comparable(CelType left, CelType right) =>
        (left.IsNumber && right.IsNumber) || left.Accepts(right) || right.Accepts(left);

    static CelException Mixed(BinaryExpr binary, string suggestion) =>
        new($"`{binary.Operator}` takes two values of one type.", binary.Position, suggestion);

    static CelException Mismatch(BinaryExpr binary, CelType left, CelType right)
    {
        var suggestion = (binary.Left, binary.Right) switch
        {
            _ when left.Fields.ContainsKey("minor") && right.IsNumber => $"{binary.Left}.minor {binary.Operator} {binary.Right}",
            (_, LiteralExpr { Value: string or long or double or bool } literal) when left.Kind == CelKind.String && right.Kind != CelKind.String => $"{binary.Left} {binary.Operator} \"{literal}\"",
            (_, LiteralExpr { Value: string text }) when left.IsNumber && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _) => $"{binary.Left} {binary.Operator} {text}",
            (_, LiteralExpr { Value: "true" or "false" } literal) when left.Kind == CelKind.Bool => $"{binary.Left} {binary.Operator} {literal.Value}",
            (_, LiteralExpr { Value: string } literal) when left.Kind == CelKind.Timestamp => $"{binary.Left} {binary.Operator} timestamp({literal})",
            (_, LiteralExpr { Value: string } literal) when left.Kind == CelKind.Duration => $"{binary.Left} {binary.Operator} duration({literal})",
            _ => null,
        };
        return new($"`{binary.Operator}` cannot compare or join {CelChecker.Article(left)} and {CelChecker.Article(right)}.", binary.Position, suggestion);
    }

    /// <summary>A literal compared with a closed set of texts must be one of them.</summary>
    static void CheckValue(CelExpr literal, CelType type, BinaryExpr binary)
    {
        if (type.Values is not { } values || literal is not LiteralExpr { Value: string text } || values.Contains(text, StringComparer.Ordinal))
            return;
        var nearest = DidYouMean.Nearest(text, values);
        throw new CelException($"`{(ReferenceEquals(literal, binary.Left) ? binary.Right : binary.Left)}` is never \"{text}\". It is one of: {DidYouMean.List(values)}.", literal.Position,
            nearest is null ? null : $"\"{nearest}\"");
    }
}
