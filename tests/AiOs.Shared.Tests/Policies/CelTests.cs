using AiOs.Policies.Cel;

namespace AiOs.Shared.Tests.Policies;

/// <summary>The CEL subset against the language definition (github.com/google/cel-spec, doc/langdef.md).</summary>
public sealed class CelTests
{
    static readonly IReadOnlyDictionary<string, object?> NoVariables = new Dictionary<string, object?>(StringComparer.Ordinal);

    static object? Value(string source) => CelProgram.Compile(source, CelEnvironment.Empty).Evaluate(NoVariables);

    static readonly CelEnvironment Things = new(new Dictionary<string, CelType>(StringComparer.Ordinal)
    {
        ["n"] = CelType.Int, ["d"] = CelType.Double, ["s"] = CelType.String, ["b"] = CelType.Bool, ["any"] = CelType.Dyn, ["list"] = CelType.List(CelType.Int),
        ["map"] = CelType.Map(CelType.Dyn), ["money"] = CelType.Money, ["word"] = CelType.OneOf("allow", "deny", "approve"), ["at"] = CelType.Timestamp,
        ["steps"] = CelType.Object("the steps", new Dictionary<string, CelType>(StringComparer.Ordinal) { ["fields"] = CelType.Object("the result of fields", new Dictionary<string, CelType>(StringComparer.Ordinal) { ["amount"] = CelType.Money }) }),
    });

    [Theory]
    [InlineData("1 + 2 * 3 == 7 && !(10 / 4 != 2) && 7 % -2 == 1 && -7 / 2 == -3")]
    [InlineData("2 - 1 - 1 == 0 && 2 * 3 % 4 == 2")]
    [InlineData("true ? (false ? 1 == 2 : true) : false")]
    [InlineData("1 == 1.0 && 1 < 1.5 && 2.5 > 2 && 9007199254740993 > 9007199254740992.0")]
    [InlineData("-9223372036854775808 < 9223372036854775807 && 0xFF == 255 && .5e1 == 5.0")]
    [InlineData("[1, 2.0, 'x'] == [1.0, 2, \"x\"] && {'a': 1} == {'a': 1.0}")]
    [InlineData("2 in [1, 2, 3] && !('z' in ['a']) && 'k' in {'k': null}")]
    [InlineData("size('a\\U0001F600b') == 3 && size([1, 2]) == 2 && {'a': 1}.size() == 1")]
    [InlineData("'\\x41\\u00e9\\101' == 'A\u00e9A' && r'\\d' == '\\\\d' && '''it's''' == \"it's\"")]
    [InlineData("'\uE000' < '\\U0001F600'")]
    [InlineData("'PC-123456'.matches('^PC-[0-9]{6}$') && !'x'.matches('y') && matches('abc', 'b')")]
    [InlineData("'abc'.startsWith('a') && 'abc'.endsWith('c') && 'abc'.contains('b')")]
    [InlineData("has({'a': null}.a) && !has({'a': 1}.b)")]
    [InlineData("null == null && 1 != null && !('a' == null)")]
    [InlineData("[1] + [2] == [1, 2] && 'a' + 'b' == 'ab' && [3, 4][1] == 4 && {'a': 7}['a'] == 7")]
    [InlineData("int('42') == 42 && int(-1.9) == -1 && double(2) == 2.0 && string(2.5) == '2.5' && string(true) == 'true' && bool('false') == false")]
    [InlineData("timestamp('2026-03-02T10:00:00+01:00') == timestamp('2026-03-02T09:00:00Z') && timestamp('2026-03-02').getDayOfWeek() == 1")]
    [InlineData("duration('1h30m') == duration('5400s') && timestamp('2026-03-02T09:00:00Z') + duration('24h') > timestamp('2026-03-02T23:00:00Z')")]
    [InlineData("(timestamp('2026-03-03T00:00:00Z') - timestamp('2026-03-02T00:00:00Z')).getHours() == 24")]
    [InlineData("true || 1 / 0 == 1")]
    [InlineData("1 / 0 == 1 || true")]
    [InlineData("!(false && 1 / 0 == 1) && !(1 / 0 == 1 && false)")]
    public void Expressions_mean_what_the_language_definition_says(string source) => Assert.Equal(true, Value(source));

    [Theory]
    [InlineData("9223372036854775807 + 1", "range")]
    [InlineData("-9223372036854775808 / -1", "range")]
    [InlineData("-(-9223372036854775808)", "range")]
    [InlineData("1 / 0", "zero")]
    [InlineData("5 % 0", "zero")]
    [InlineData("1 / 0 == 1 || false", "zero")]
    [InlineData("1 / 0 == 1 && true", "zero")]
    [InlineData("[1][1]", "no such position")]
    [InlineData("{'a': 1}.b", "has no `b`")]
    [InlineData("dyn(null) < 1", "null")]
    [InlineData("dyn(null) + 1", "null")]
    [InlineData("dyn(null).x", "null")]
    [InlineData("dyn('a') && true", "a string")]
    [InlineData("dyn('a') < 1", "cannot compare")]
    [InlineData("int('x')", "cannot become int")]
    [InlineData("1 in dyn(1)", "a list or a map")]
    public void Expressions_without_a_value_are_errors_that_say_why(string source, string part) =>
        Assert.Contains(part, Assert.Throws<CelEvaluationException>(() => Value(source)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("n = 1", 2, "==")]
    [InlineData("b and b", 2, "&&")]
    [InlineData("b or b", 2, "||")]
    [InlineData("not b", 0, "!")]
    [InlineData("n <> 1", 2, "!=")]
    [InlineData("b & b", 2, "&&")]
    [InlineData("s == 'open", 5, "'")]
    [InlineData("True", 0, "true")]
    [InlineData("nn == 1", 0, "n")]
    [InlineData("steps.feilds.amount == null", 6, "steps.fields")]
    [InlineData("steps.fields.amount > 500", 13, "steps.fields.amount.minor > 500")]
    [InlineData("money.minr == 1", 6, "money.minor")]
    [InlineData("word == 'alow'", 8, "\"allow\"")]
    [InlineData("word in ['deny', 'aprove']", 17, "\"approve\"")]
    [InlineData("n + 1.5 > 2.0", 2, "double(n) + 1.5")]
    [InlineData("d * 2 > 1.0", 2, "d * 2.0")]
    [InlineData("s + n == 'x'", 2, "s + string(n)")]
    [InlineData("n == 'x'", 2, null)]
    [InlineData("n == '5'", 2, "n == 5")]
    [InlineData("s == 5", 2, "s == \"5\"")]
    [InlineData("at > '2026-01-01'", 3, "at > timestamp(\"2026-01-01\")")]
    [InlineData("'a' in s", 4, "s.contains(\"a\")")]
    [InlineData("s.lenght() == 1", 2, null)]
    [InlineData("s.startWith('a')", 2, "startsWith")]
    [InlineData("list.exists(x, x > 1)", 5, null)]
    [InlineData("list == null ? 1 : 'a'", 13, null)]
    [InlineData("s ? 1 : 2", 2, "s != null ? ... : ...")]
    [InlineData("n && b", 0, "n == ...")]
    [InlineData("has(s)", 0, "has(input.attributes.name)")]
    [InlineData("{n: 1} == map", 1, "\"n\": ...")]
    [InlineData("s.matches('(a)\\\\1')", 10, null)]
    [InlineData("s.matches('((a{50}){50}){50}')", 10, null)]
    [InlineData("n == ${n}", 5, "leave out `${` and `}`")]
    [InlineData("n == 1u", 5, "1")]
    [InlineData("n ==", 4, null)]
    [InlineData("(n == 1", 7, null)]
    [InlineData("", 0, "true")]
    public void A_wrong_expression_is_refused_with_the_place_and_what_to_write(string source, int position, string? suggestion)
    {
        var wrong = Assert.Throws<CelException>(() => CelProgram.Compile(source, Things));

        Assert.Equal(position, wrong.Position);
        if (suggestion is not null)
            Assert.Contains(suggestion, wrong.Suggestion, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_a_typed_null_is_null_and_only_equality_takes_it()
    {
        var nothing = new Dictionary<string, object?>(StringComparer.Ordinal) { ["steps"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["fields"] = null }, ["n"] = null };

        Assert.Equal(true, CelProgram.Compile("steps.fields.amount.minor == null && !has(steps.fields.amount) && n == null", Things).Evaluate(nothing));
        Assert.Contains("null", Assert.Throws<CelEvaluationException>(() => CelProgram.Compile("steps.fields.amount.minor > 1", Things).Evaluate(nothing)).Message, StringComparison.Ordinal);
        Assert.Equal(false, CelProgram.Compile("n > 5 && 1 == 2", Things).Evaluate(nothing));
    }

    [Fact]
    public void Text_with_expressions_is_written_out_and_holes_are_errors()
    {
        var paid = CelTemplate.Compile("Paid ${money.amount} ${money.currency}, $${literal} and ${{'a': \"}\"}.a}.", Things);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["money"] = new Dictionary<string, object?>(StringComparer.Ordinal) { ["amount"] = "240.00", ["currency"] = "EUR" } };

        Assert.Equal("Paid 240.00 EUR, ${literal} and }.", paid.Render(values));
        Assert.Throws<CelEvaluationException>(() => paid.Render(new Dictionary<string, object?>(StringComparer.Ordinal) { ["money"] = null }));
        Assert.Equal(8, Assert.Throws<CelException>(() => CelTemplate.Compile("Paid ${ monney.amount}", Things)).Position);
        Assert.Contains("money.amount", Assert.Throws<CelException>(() => CelTemplate.Compile("Paid ${money}", Things)).Suggestion, StringComparison.Ordinal);
    }
}
