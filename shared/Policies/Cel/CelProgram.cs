namespace AiOs.Policies.Cel;

/// <summary>A compiled expression: parsed, type-checked, and evaluated as often as wanted, from any thread. Pure: no clock, no I/O.</summary>
public sealed class CelProgram
{
    readonly CelEnvironment environment;

    CelProgram(string source, CelExpr expression, CelType type, CelEnvironment environment) =>
        (Source, Expression, Type, this.environment) = (source, expression, type, environment);

    /// <summary>As it was written.</summary>
    public string Source { get; }

    /// <summary>The parsed tree.</summary>
    public CelExpr Expression { get; }

    /// <summary>The type that the checker found.</summary>
    public CelType Type { get; }

    /// <summary>Parses and type-checks <paramref name="source"/>.</summary>
    /// <param name="source">At most <see cref="CelParser.MaxLength"/> characters.</param>
    /// <param name="environment">The names that it may use.</param>
    /// <param name="expected">The type that its value must have; null for any.</param>
    /// <exception cref="CelException">It does not parse, names what is not there, or has another type.</exception>
    public static CelProgram Compile(string source, CelEnvironment environment, CelType? expected = null)
    {
        var expression = CelParser.Parse(source);
        var type = new CelChecker(environment).Check(expression);
        if (expected is not null && !expected.Accepts(type))
            throw new CelException($"The expression is {CelChecker.Article(type)}, but {CelChecker.Article(expected)} is needed.", expression.Position,
                expected.Kind == CelKind.Bool ? "a comparison, as in `... == ...`" : expected.Kind == CelKind.String && type.Kind != CelKind.Object ? $"string({expression})" : null);
        return new CelProgram(source, expression, type, environment);
    }

    /// <summary>The value for these variables.</summary>
    /// <exception cref="CelEvaluationException">There is none: a null, an overflow, a missing key, or more than 100,000 units of work.</exception>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables) =>
        new CelEvaluator(variables, environment).Evaluate(Expression) is var value && value is CelError error
            ? throw new CelEvaluationException(error.Message, error.Position)
            : value;
}
