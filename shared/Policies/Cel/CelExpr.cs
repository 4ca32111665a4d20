namespace AiOs.Policies.Cel;

/// <summary>A node of a parsed expression. <see cref="Position"/> is its 0-based offset in the source; <see cref="ToString"/> prints source that parses to the same tree.</summary>
public abstract class CelExpr(int position, int depth)
{
    /// <summary>The offset where a person would point.</summary>
    public int Position => position;

    /// <summary>1 for a leaf, one more for each level above.</summary>
    public int Depth => depth;

    /// <inheritdoc/>
    public sealed override string ToString() => CelPrinter.Print(this);

    internal static int Above(params ReadOnlySpan<CelExpr?> children)
    {
        var deepest = 0;
        foreach (var child in children)
            deepest = Math.Max(deepest, child?.Depth ?? 0);
        return deepest + 1;
    }
}

/// <summary>A <see cref="long"/>, <see cref="double"/>, <see cref="string"/>, <see cref="bool"/> or null.</summary>
public sealed class LiteralExpr(int position, object? value) : CelExpr(position, 1)
{
    /// <summary>The value.</summary>
    public object? Value => value;
}

/// <summary>A variable.</summary>
public sealed class NameExpr(int position, string name) : CelExpr(position, 1)
{
    /// <summary>Its name.</summary>
    public string Name => name;
}

/// <summary><c>target.field</c>, or <c>has(target.field)</c> when <see cref="Test"/>.</summary>
public sealed class SelectExpr(int position, CelExpr target, string name, bool test) : CelExpr(position, Above(target))
{
    /// <summary>What the field is taken from.</summary>
    public CelExpr Target => target;

    /// <summary>The field or key.</summary>
    public string Field => name;

    /// <summary>Whether only its presence is asked.</summary>
    public bool Test => test;

    /// <summary>Set by the checker: the target has declared fields, so a null target gives a null field.</summary>
    internal bool Declared { get; set; }
}

/// <summary><c>target[index]</c>.</summary>
public sealed class IndexExpr(int position, CelExpr target, CelExpr index) : CelExpr(position, Above(target, index))
{
    /// <summary>The list, map or object.</summary>
    public CelExpr Target => target;

    /// <summary>The position or key.</summary>
    public CelExpr Index => index;

    /// <summary>Set by the checker: the target has declared fields, so a null target gives a null field.</summary>
    internal bool Declared { get; set; }
}

/// <summary><c>!x</c> or <c>-x</c>.</summary>
public sealed class UnaryExpr(int position, string op, CelExpr operand) : CelExpr(position, Above(operand))
{
    /// <summary><c>!</c> or <c>-</c>.</summary>
    public string Operator => op;

    /// <summary>What it applies to.</summary>
    public CelExpr Operand => operand;
}

/// <summary><c>left op right</c>: <c>|| &amp;&amp; == != &lt; &lt;= &gt; &gt;= in + - * / %</c>.</summary>
public sealed class BinaryExpr(int position, string op, CelExpr left, CelExpr right) : CelExpr(position, Above(left, right))
{
    /// <summary>The operator.</summary>
    public string Operator => op;

    /// <summary>The left operand.</summary>
    public CelExpr Left => left;

    /// <summary>The right operand.</summary>
    public CelExpr Right => right;
}

/// <summary><c>condition ? then : otherwise</c>.</summary>
public sealed class ConditionalExpr(int position, CelExpr condition, CelExpr then, CelExpr otherwise) : CelExpr(position, Above(condition, then, otherwise))
{
    /// <summary>What is asked.</summary>
    public CelExpr Condition => condition;

    /// <summary>The value when it holds.</summary>
    public CelExpr Then => then;

    /// <summary>The value when it does not.</summary>
    public CelExpr Otherwise => otherwise;
}

/// <summary><c>[a, b]</c>.</summary>
public sealed class ListExpr(int position, IReadOnlyList<CelExpr> items) : CelExpr(position, Above([.. items]))
{
    /// <summary>The elements in order.</summary>
    public IReadOnlyList<CelExpr> Items => items;
}

/// <summary><c>{'a': 1}</c>; keys are strings.</summary>
public sealed class MapExpr(int position, IReadOnlyList<KeyValuePair<CelExpr, CelExpr>> entries)
    : CelExpr(position, Above([.. entries.SelectMany(entry => new[] { entry.Key, entry.Value })]))
{
    /// <summary>The entries in order.</summary>
    public IReadOnlyList<KeyValuePair<CelExpr, CelExpr>> Entries => entries;
}

/// <summary><c>f(a, b)</c> or <c>target.f(a)</c>.</summary>
public sealed class CallExpr(int position, CelExpr? target, string function, IReadOnlyList<CelExpr> arguments)
    : CelExpr(position, Above([target, .. arguments]))
{
    /// <summary>What a method is called on; null for a plain function.</summary>
    public CelExpr? Target => target;

    /// <summary>The function's name.</summary>
    public string Function => function;

    /// <summary>The arguments in order, the target not among them.</summary>
    public IReadOnlyList<CelExpr> Arguments => arguments;

    /// <summary>Set by the checker for <c>matches</c>: the compiled pattern.</summary>
    internal System.Text.RegularExpressions.Regex? Pattern { get; set; }
}
