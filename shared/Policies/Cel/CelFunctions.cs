using System.Text.RegularExpressions;
using AiOs.DataPlane;

namespace AiOs.Policies.Cel;

/// <summary>The standard functions of the subset: their types here, their bodies beside the evaluator.</summary>
static class CelFunctions
{
    static readonly string[] Methods = ["startsWith", "endsWith", "contains", "matches", "size", .. CelTime.Parts];
    static readonly string[] Functions = ["size", "has", "matches", "int", "double", "string", "bool", "timestamp", "duration", "dyn"];
    static readonly string[] Comprehensions = ["all", "exists", "exists_one", "map", "filter"];

    public static CelType Check(CelEnvironment environment, CallExpr call, CelType? target, IReadOnlyList<CelType> arguments) => target is null
        ? Function(environment, call, arguments)
        : Method(call, target, arguments);

    /// <summary>Macros declare a variable, so they are refused before their arguments are looked at.</summary>
    public static void RefuseComprehension(CallExpr call)
    {
        if (call.Target is not null && call.Arguments.Count > 1 && Comprehensions.Contains(call.Function, StringComparer.Ordinal))
            throw new CelException($"The macro `{call.Function}` is not part of this CEL subset.", call.Position, $"value in {call.Target}");
    }

    static CelType Method(CallExpr call, CelType target, IReadOnlyList<CelType> arguments)
    {
        switch (call.Function)
        {
            case "startsWith" or "endsWith" or "contains" or "matches":
                Count(call, arguments, 1, $"{call.Target}.{call.Function}(\"text\")");
                Need(call, call.Target!, target, CelType.String);
                Need(call, call.Arguments[0], arguments[0], CelType.String);
                if (call.Function == "matches")
                    call.Pattern = Pattern(call.Arguments[0]);
                return CelType.Bool;
            case "size":
                Count(call, arguments, 0, $"size({call.Target})");
                return Size(call, call.Target!, target);
            case var part when CelTime.Parts.Contains(part, StringComparer.Ordinal):
                Count(call, arguments, 0, $"{call.Target}.{part}()");
                return target.Kind is CelKind.Timestamp or CelKind.Dyn || (target.Kind == CelKind.Duration && CelTime.OfDuration(part))
                    ? CelType.Int
                    : throw new CelException($"`{part}` is asked of a timestamp; `{call.Target}` is {CelChecker.Article(target)}.", call.Position, $"timestamp({call.Target}).{part}()");
            default:
                throw NoFunction(call, Methods);
        }
    }

    static CelType Function(CelEnvironment environment, CallExpr call, IReadOnlyList<CelType> arguments)
    {
        if (environment.Functions.TryGetValue(call.Function, out var added))
        {
            Count(call, arguments, added.Parameters.Count, $"{added.Name}({string.Join(", ", added.Parameters)})");
            for (var i = 0; i < arguments.Count; i++)
                Need(call, call.Arguments[i], arguments[i], added.Parameters[i]);
            return added.Result;
        }
        if (call.Function == "matches")
        {
            Count(call, arguments, 2, "matches(text, \"pattern\")");
            Need(call, call.Arguments[0], arguments[0], CelType.String);
            Need(call, call.Arguments[1], arguments[1], CelType.String);
            call.Pattern = Pattern(call.Arguments[1]);
            return CelType.Bool;
        }
        if (!Functions.Contains(call.Function, StringComparer.Ordinal))
            throw NoFunction(call, [.. Functions, .. environment.Functions.Keys]);
        Count(call, arguments, 1, $"{call.Function}(value)");
        var argument = arguments[0];
        return call.Function switch
        {
            "size" => Size(call, call.Arguments[0], argument),
            "dyn" => CelType.Dyn,
            "int" => Convert(CelType.Int, CelKind.Int, CelKind.Double, CelKind.String, CelKind.Timestamp),
            "double" => Convert(CelType.Double, CelKind.Int, CelKind.Double, CelKind.String),
            "string" => Convert(CelType.String, CelKind.Int, CelKind.Double, CelKind.String, CelKind.Bool, CelKind.Timestamp, CelKind.Duration),
            "bool" => Convert(CelType.Bool, CelKind.Bool, CelKind.String),
            "timestamp" => Convert(CelType.Timestamp, CelKind.Timestamp, CelKind.String, CelKind.Int),
            _ => Convert(CelType.Duration, CelKind.Duration, CelKind.String),
        };

        CelType Convert(CelType result, params ReadOnlySpan<CelKind> from) => argument.Kind == CelKind.Dyn || from.Contains(argument.Kind)
            ? result
            : throw new CelException($"`{call.Function}` cannot convert {CelChecker.Article(argument)}.", call.Position,
                argument.Fields.ContainsKey("minor") ? $"{call.Function}({call.Arguments[0]}.minor)" : null);
    }

    static CelType Size(CallExpr call, CelExpr of, CelType type) => type.Kind is CelKind.String or CelKind.List or CelKind.Map or CelKind.Dyn
        ? CelType.Int
        : throw new CelException($"`size` counts text, lists and maps; `{of}` is {CelChecker.Article(type)}.", call.Position);

    static void Count(CallExpr call, IReadOnlyList<CelType> arguments, int count, string usage)
    {
        if (arguments.Count != count)
            throw new CelException($"`{call.Function}` takes {count} argument{(count == 1 ? "" : "s")}, not {arguments.Count}.", call.Position, usage);
    }

    static void Need(CallExpr call, CelExpr argument, CelType type, CelType needed)
    {
        if (!needed.Accepts(type) || type.Kind == CelKind.Null)
            throw new CelException($"`{call.Function}` needs {CelChecker.Article(needed)}; `{argument}` is {CelChecker.Article(type)}.", argument.Position,
                needed.Kind == CelKind.String && type.IsNumber ? $"string({argument})" : null);
    }

    static Regex Pattern(CelExpr pattern)
    {
        if (pattern is not LiteralExpr { Value: string text })
            throw new CelException("The pattern of `matches` is a text in quotes, so that it can be checked beforehand.", pattern.Position, "matches(\"[0-9]{6}\")");
        try
        {
            return SafePattern.Compile(text);
        }
        catch (FormatException refused)
        {
            throw new CelException(refused.Message, pattern.Position);
        }
    }

    static CelException NoFunction(CallExpr call, IReadOnlyList<string> known) =>
        new($"There is no function `{call.Function}` here. There are: {DidYouMean.List(known)}.", call.Position,
            DidYouMean.Nearest(call.Function, known) ?? (call.Target is not null && Functions.Contains(call.Function, StringComparer.Ordinal) ? $"{call.Function}({call.Target})" : null));
}
