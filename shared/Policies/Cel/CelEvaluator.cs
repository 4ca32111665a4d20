using System.Text.RegularExpressions;

namespace AiOs.Policies.Cel;

/// <summary>A failed evaluation as a value, so that <c>&amp;&amp;</c> and <c>||</c> can absorb it.</summary>
sealed record CelError(string Message, int Position);

/// <summary>Walks a checked tree once. At most 100,000 units of work (a node is one, text costs by its length) and 64 K characters or 10,000 elements in a result.</summary>
sealed class CelEvaluator(IReadOnlyDictionary<string, object?> variables, CelEnvironment environment)
{
    const int MaxText = 65_536;
    const int MaxItems = 10_000;

    int budget = 100_000;

    public object? Evaluate(CelExpr expression)
    {
        if (--budget < 0)
            return TooMuch(expression);
        return expression switch
        {
            LiteralExpr literal => literal.Value,
            NameExpr name => variables.TryGetValue(name.Name, out var value) ? value : new CelError($"`{name.Name}` has no value", name.Position),
            SelectExpr select => Select(select),
            IndexExpr index => Index(index),
            UnaryExpr unary => Unary(unary),
            BinaryExpr { Operator: "&&" or "||" } logic => Logic(logic),
            BinaryExpr binary => Binary(binary),
            ConditionalExpr conditional => Evaluate(conditional.Condition) switch
            {
                true => Evaluate(conditional.Then),
                false => Evaluate(conditional.Otherwise),
                CelError error => error,
                var other => Wrong(conditional.Condition, other, "a bool"),
            },
            ListExpr list => List(list),
            MapExpr map => Map(map),
            CallExpr call => Call(call),
            _ => new CelError("unknown expression", expression.Position),
        };
    }

    object? Select(SelectExpr select) => Evaluate(select.Target) switch
    {
        CelError error => error,
        null when select.Declared => select.Test ? false : null,
        IReadOnlyDictionary<string, object?> fields => (select.Test, fields.TryGetValue(select.Field, out var value)) switch
        {
            (true, var there) => there && (!select.Declared || value is not null),
            (_, true) => value,
            _ => select.Declared ? null : new CelError($"`{select.Target}` has no `{select.Field}`", select.Position),
        },
        var other => Wrong(select.Target, other, "a map"),
    };

    object? Index(IndexExpr index)
    {
        var (target, key) = (Evaluate(index.Target), Evaluate(index.Index));
        return (target, key) switch
        {
            (CelError error, _) => error,
            (_, CelError error) => error,
            (null, _) when index.Declared => null,
            (IReadOnlyDictionary<string, object?> map, string name) => map.TryGetValue(name, out var value) ? value
                : index.Declared ? null : new CelError($"`{index.Target}` has no such key", index.Position),
            (IReadOnlyDictionary<string, object?>, _) => Wrong(index.Index, key, "a string"),
            (IReadOnlyList<object?> list, long at) => at >= 0 && at < list.Count ? list[(int)at] : new CelError($"`{index.Target}` has no such position", index.Position),
            (IReadOnlyList<object?> list, double at) when at == Math.Floor(at) && at >= 0 && at < list.Count => list[(int)at],
            (IReadOnlyList<object?>, _) => Wrong(index.Index, key, "an int"),
            _ => Wrong(index.Target, target, "a list or a map"),
        };
    }

    object? Unary(UnaryExpr unary) => (unary.Operator, Evaluate(unary.Operand)) switch
    {
        (_, CelError error) => error,
        ("!", bool truth) => !truth,
        ("-", long whole) => whole == long.MinValue ? Overflow(unary) : -whole,
        ("-", double number) => -number,
        ("-", TimeSpan span) => span == TimeSpan.MinValue ? Overflow(unary) : -span,
        (var op, var other) => Wrong(unary.Operand, other, op == "!" ? "a bool" : "a number"),
    };

    /// <summary>Commutative, as CEL has it: an operand that decides alone wins over an error in the other.</summary>
    object? Logic(BinaryExpr logic)
    {
        var decisive = logic.Operator == "||";
        var left = Evaluate(logic.Left);
        if (left is bool first && first == decisive)
            return decisive;
        var right = Evaluate(logic.Right);
        if (right is bool second && second == decisive)
            return decisive;
        return (left, right) switch
        {
            (bool, bool) => !decisive,
            (CelError, _) => left,
            (not bool, _) => Wrong(logic.Left, left, "a bool"),
            (_, CelError) => right,
            _ => Wrong(logic.Right, right, "a bool"),
        };
    }

    object? Binary(BinaryExpr binary)
    {
        var (left, right) = (Evaluate(binary.Left), Evaluate(binary.Right));
        if (left is CelError || right is CelError)
            return left as CelError ?? right;
        switch (binary.Operator)
        {
            case "==" or "!=":
                var equal = CelValue.AreEqual(left, right, ref budget);
                return budget < 0 ? TooMuch(binary) : equal == (binary.Operator == "==");
            case "in":
                return In(binary, left, right);
            case "<" or "<=" or ">" or ">=":
                return Compare(binary, left, right);
        }
        if (left is null || right is null)
            return Wrong(left is null ? binary.Left : binary.Right, null, "a value");
        try
        {
            return CelArithmetic.Apply(binary.Operator, left, right) switch
            {
                string { Length: > MaxText } or IReadOnlyList<object?> { Count: > MaxItems } => new CelError($"the result of `{binary.Operator}` is too large", binary.Position),
                string text when (budget -= text.Length / 64) < 0 => TooMuch(binary),
                null => new CelError($"`{binary.Operator}` cannot take {CelValue.TypeName(left)} and {CelValue.TypeName(right)}", binary.Position),
                var result => result,
            };
        }
        catch (DivideByZeroException)
        {
            return new CelError($"`{binary.Right}` is zero", binary.Position);
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            return Overflow(binary);
        }
    }

    object? In(BinaryExpr binary, object? item, object? container)
    {
        switch (container)
        {
            case IReadOnlyDictionary<string, object?> map:
                return item is string key ? map.ContainsKey(key) : Wrong(binary.Left, item, "a string");
            case IReadOnlyList<object?> list:
                foreach (var element in list)
                    if (CelValue.AreEqual(item, element, ref budget))
                        return true;
                    else if (budget < 0)
                        return TooMuch(binary);
                return false;
            default:
                return Wrong(binary.Right, container, "a list or a map");
        }
    }

    object Compare(BinaryExpr binary, object? left, object? right)
    {
        if (left is null || right is null)
            return Wrong(left is null ? binary.Left : binary.Right, null, "a value");
        if (CelValue.Order(left, right) is { } order)
            return binary.Operator switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
        return left is long or double && right is long or double
            ? false
            : new CelError($"`{binary.Operator}` cannot compare {CelValue.TypeName(left)} and {CelValue.TypeName(right)}", binary.Position);
    }

    object? List(ListExpr list)
    {
        var items = new List<object?>(list.Items.Count);
        foreach (var item in list.Items)
            if (Evaluate(item) is var value && value is CelError)
                return value;
            else
                items.Add(value);
        return items;
    }

    object? Map(MapExpr map)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, item) in map.Entries)
            if (Evaluate(item) is var value && value is CelError)
                return value;
            else
                fields[(string)((LiteralExpr)key).Value!] = value;
        return fields;
    }

    object? Call(CallExpr call)
    {
        var arguments = new List<object?>(call.Arguments.Count + 1);
        foreach (var argument in call.Target is { } target ? [target, .. call.Arguments] : call.Arguments)
            if (Evaluate(argument) is var value && value is CelError)
                return value;
            else
                arguments.Add(value);
        if (call.Target is null && environment.Functions.TryGetValue(call.Function, out var added))
            return Added(call, added, arguments);
        if ((budget -= arguments.Sum(argument => argument is string text ? text.Length / 64 : 0)) < 0)
            return TooMuch(call);
        var first = call.Target ?? call.Arguments[0];
        return (call.Function, arguments[0], arguments.Count > 1 ? arguments[1] : null) switch
        {
            ("dyn", var any, _) => any,
            ("startsWith", string text, string part) => text.StartsWith(part, StringComparison.Ordinal),
            ("endsWith", string text, string part) => text.EndsWith(part, StringComparison.Ordinal),
            ("contains", string text, string part) => text.Contains(part, StringComparison.Ordinal),
            ("startsWith" or "endsWith" or "contains", string, var other) => Wrong(call.Arguments[0], other, "a string"),
            ("matches", string text, _) => Matches(call, text),
            ("size", string text, _) => (long)text.EnumerateRunes().Count(),
            ("size", IReadOnlyDictionary<string, object?> map, _) => (long)map.Count,
            ("size", IReadOnlyList<object?> list, _) => (long)list.Count,
            ("size", var other, _) => Wrong(first, other, "text, a list or a map"),
            ("startsWith" or "endsWith" or "contains" or "matches", var other, _) => Wrong(first, other, "a string"),
            (_, null, _) => Wrong(first, null, "a value"),
            (var part, DateTimeOffset at, _) when call.Target is not null => CelTime.Part(part, at),
            (var part, TimeSpan span, _) when call.Target is not null => CelTime.Part(part, span) ?? (object)new CelError($"a duration has no `{part}`", call.Position),
            (_, var other, _) when call.Target is not null => Wrong(first, other, "a timestamp"),
            (var name, var value, _) => CelArithmetic.Convert(name, value) ?? new CelError($"`{first}` ({CelValue.TypeName(value)}) cannot become {name}", call.Position),
        };
    }

    static object Matches(CallExpr call, string text)
    {
        try
        {
            return call.Pattern!.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return new CelError("`matches` took too long", call.Position);
        }
    }

    static object? Added(CallExpr call, CelFunction function, List<object?> arguments)
    {
        try
        {
            return function.Body(arguments);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidCastException or OverflowException)
        {
            return new CelError($"`{function.Name}` failed: {exception.GetType().Name}", call.Position);
        }
    }

    static CelError Wrong(CelExpr expression, object? value, string needed) => new($"`{expression}` is {CelValue.TypeName(value)}, where {needed} is needed", expression.Position);

    static CelError Overflow(CelExpr expression) => new($"`{expression}` leaves the range of its type", expression.Position);

    static CelError TooMuch(CelExpr expression) => new("the expression takes too much work", expression.Position);
}
