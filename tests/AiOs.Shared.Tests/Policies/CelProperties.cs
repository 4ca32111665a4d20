using System.Diagnostics;
using AiOs.Policies.Cel;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Policies;

/// <summary>What holds for every expression: printing and parsing are inverse, evaluation ends in a value or a <see cref="CelEvaluationException"/>, and nonsense costs little.</summary>
public sealed class CelProperties
{
    static readonly string[] Names = ["n", "any", "map", "list", "s"];
    static readonly string[] Operators = ["||", "&&", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"];

    static readonly CelEnvironment Loose = new(Names.ToDictionary(name => name, _ => CelType.Dyn, StringComparer.Ordinal));

    static readonly Dictionary<string, object?> Values = new(StringComparer.Ordinal)
    {
        ["n"] = 7L, ["any"] = null, ["map"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["n"] = 1L, ["s"] = "x" }, ["list"] = new List<object?> { 1L, 2.5, "s", null }, ["s"] = "text",
    };

    static Gen<CelExpr> Leaf => Gen.OneOf(
        Gen.Elements<object?>(0L, 5L, -3L, long.MaxValue, long.MinValue, 0.5, -2.25, 1e300, true, false, null, "", "it's \"quoted\" \\ \n", "é😀").Select(CelExpr (value) => new LiteralExpr(0, value)),
        Gen.Elements(Names).Select(CelExpr (name) => new NameExpr(0, name)));

    static Gen<CelExpr> Tree(int depth) => depth == 0 ? Leaf : Gen.Frequency(
        (2, Leaf),
        (6, from op in Gen.Elements(Operators) from left in Tree(depth - 1) from right in Tree(depth - 1) select (CelExpr)new BinaryExpr(0, op, left, right)),
        (2, from op in Gen.Elements("!", "-") from operand in Tree(depth - 1) select (CelExpr)new UnaryExpr(0, op, operand)),
        (1, from a in Tree(depth - 1) from b in Tree(depth - 1) from c in Tree(depth - 1) select (CelExpr)new ConditionalExpr(0, a, b, c)),
        (2, from target in Tree(depth - 1) from field in Gen.Elements("n", "x") from test in Gen.Elements(true, false) select (CelExpr)new SelectExpr(0, target, field, test)),
        (1, from target in Tree(depth - 1) from index in Tree(depth - 1) select (CelExpr)new IndexExpr(0, target, index)),
        (1, from items in Tree(depth - 1).ListOf(2) select (CelExpr)new ListExpr(0, [.. items])),
        (1, from value in Tree(depth - 1) from key in Gen.Elements("a", "b c") select (CelExpr)new MapExpr(0, [new(new LiteralExpr(0, key), value)])),
        (1, from name in Gen.Elements("size", "int", "string", "double", "dyn", "bool", "timestamp", "duration") from value in Tree(depth - 1) select (CelExpr)new CallExpr(0, null, name, [value])),
        (1, from name in Gen.Elements("startsWith", "contains", "endsWith") from a in Tree(depth - 1) from b in Tree(depth - 1) select (CelExpr)new CallExpr(0, a, name, [b])));

    /// <summary>The shape alone, fully bracketed.</summary>
    static string Shape(CelExpr expression) => expression switch
    {
        LiteralExpr literal => $"<{literal.Value?.GetType().Name}:{literal.Value}>",
        NameExpr name => name.Name,
        SelectExpr select => $"({(select.Test ? "has" : "get")} {Shape(select.Target)} {select.Field})",
        IndexExpr index => $"(at {Shape(index.Target)} {Shape(index.Index)})",
        UnaryExpr unary => $"({unary.Operator} {Shape(unary.Operand)})",
        BinaryExpr binary => $"({binary.Operator} {Shape(binary.Left)} {Shape(binary.Right)})",
        ConditionalExpr conditional => $"(? {Shape(conditional.Condition)} {Shape(conditional.Then)} {Shape(conditional.Otherwise)})",
        ListExpr list => $"[{string.Join(' ', list.Items.Select(Shape))}]",
        MapExpr map => $"{{{string.Join(' ', map.Entries.Select(entry => Shape(entry.Key) + "=" + Shape(entry.Value)))}}}",
        CallExpr call => $"({call.Function} {(call.Target is null ? "" : Shape(call.Target))} {string.Join(' ', call.Arguments.Select(Shape))})",
        _ => throw new UnreachableException(),
    };

    [Fact]
    public void What_is_printed_parses_to_the_same_tree() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Tree(4).ToArbitrary(), tree => Shape(CelParser.Parse(tree.ToString())) == Shape(tree)));

    [Fact]
    public void Every_checked_expression_ends_in_a_value_or_in_an_evaluation_error() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Tree(4).ToArbitrary(), tree =>
    {
        try
        {
            var program = CelProgram.Compile(tree.ToString(), Loose);
            Assert.Equal(Canonical(program), Canonical(program));
        }
        catch (CelException)
        {
            // Refused before it runs, for instance `1 + "a"`.
        }
    }));

    static string Canonical(CelProgram program)
    {
        try
        {
            return CelValue.ToJson(program.Evaluate(Values)).GetRawText();
        }
        catch (CelEvaluationException failed)
        {
            return failed.Message;
        }
    }

    [Fact]
    public void Any_text_parses_or_is_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000),
        Prop.ForAll(Gen.Elements("n", "(", ")", "[", "]", "{", "}", "\"", "'", "\\", "1", ".", "..", "e9", "0x", " ", "==", "&&", "-", "!", "?", ":", ",", "in", "has(", "r'", "//", "\n", "é", "\0").ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            try
            {
                CelParser.Parse(text);
            }
            catch (CelException)
            {
                // The only way to refuse.
            }
        }));

    public static TheoryData<string> Hostile() => new(
        new string('(', 8000), new string('[', 8000), new string('{', 8000), new string('!', 8000) + "b", new string('-', 8000) + "1", string.Concat(Enumerable.Repeat("a.", 4000)) + "a", string.Concat(Enumerable.Repeat("n?", 4000)),
        string.Concat(Enumerable.Repeat("1+", 4000)) + "1", string.Concat(Enumerable.Repeat("has(", 2000)), "'" + new string('\\', 8000), new string('"', 8000), string.Concat(Enumerable.Repeat("s.matches('a{1,", 500)), new string('a', 100_000));

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_source_is_refused_at_once(string source)
    {
        var started = Stopwatch.GetTimestamp();

        Assert.Throws<CelException>(() => CelProgram.Compile(source, Loose));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(1));   // milliseconds, or never
    }

    [Fact]
    public void Work_and_results_are_bounded()
    {
        var large = new Dictionary<string, object?>(Values, StringComparer.Ordinal) { ["s"] = new string('a', 60_000), ["list"] = Enumerable.Range(0, 90_000).Select(i => (object?)(long)i).ToList() };

        Assert.Contains("too large", Assert.Throws<CelEvaluationException>(() => CelProgram.Compile("s + s", Loose).Evaluate(large)).Message, StringComparison.Ordinal);
        Assert.Contains("work", Assert.Throws<CelEvaluationException>(() => CelProgram.Compile("-1 in list || -2 in list", Loose).Evaluate(large)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_language_definition_asks_to_be_possible_is_possible()
    {
        string Many(string op, string term, int count) => string.Join(op, Enumerable.Repeat(term, count));
        foreach (var source in new[] { Many(" || ", "n == 1", 32), Many(" && ", "n == 1", 32), "size([" + Many(", ", "1", 32) + "]) == 32", Many(" ? 1 : ", "n == 2", 24) + " ? 1 : 2", Many(" + ", "n", 24),
            string.Concat(Enumerable.Repeat("dyn(", 12)) + "n" + new string(')', 12), "map" + string.Concat(Enumerable.Repeat(".n", 12)), "list" + string.Concat(Enumerable.Repeat("[0]", 12)), new string('[', 12) + new string(']', 12) })
            CelProgram.Compile(source, Loose);
    }
}
