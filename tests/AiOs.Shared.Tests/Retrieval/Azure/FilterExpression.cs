using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiOs.Shared.Tests.Retrieval.Azure;

/// <summary>The part of the service's OData filters that we use: <c>search.in</c> on a field or in <c>any</c>, <c>not f/any()</c>, <c>and</c>, <c>or</c>, brackets. Anything else is a bad request.</summary>
sealed partial class FilterExpression
{
    readonly string[] tokens;
    readonly Func<JsonElement, bool> holds;
    int at;

    public FilterExpression(string text)
    {
        tokens = [.. Token.Matches(text).Select(m => m.Value.Trim()).Where(t => t.Length > 0)];
        if (string.Concat(tokens).Replace(" ", "", StringComparison.Ordinal) != text.Replace(" ", "", StringComparison.Ordinal)) throw new BadRequestException($"The filter {text}");
        holds = Or();
        if (at != tokens.Length) throw new BadRequestException($"The filter {text}");
    }

    public bool Holds(JsonElement document) => holds(document);

    [GeneratedRegex(@"search\.in\((?<f>\w+), '[^']*', ','\)|(?<f>\w+)/any\(r: search\.in\(r, '[^']*', ','\)\)|\w+/any\(\)|\(|\)|\band\b|\bor\b|\bnot\b|\s+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token { get; }

    Func<JsonElement, bool> Or()
    {
        var left = And();
        while (Take("or")) left = Both(left, And(), all: false);
        return left;
    }

    Func<JsonElement, bool> And()
    {
        var left = Not();
        while (Take("and")) left = Both(left, Not(), all: true);
        return left;
    }

    Func<JsonElement, bool> Not()
    {
        if (Take("not"))
        {
            var inner = Not();
            return d => !inner(d);
        }

        if (Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : throw new BadRequestException("A bracket is missing in the filter.");
        }

        var token = at < tokens.Length ? tokens[at++] : throw new BadRequestException("The filter ends early.");
        var values = token.Contains('\'', StringComparison.Ordinal) ? token.Split('\'')[1].Split(',') : [];
        if (token.StartsWith("search.in(", StringComparison.Ordinal))
        {
            var field = token["search.in(".Length..token.IndexOf(',', StringComparison.Ordinal)];
            return d => values.Contains(d.GetProperty(field).GetString());
        }

        var collection = token.IndexOf("/any", StringComparison.Ordinal) is var cut and > 0 ? token[..cut] : throw new BadRequestException($"The filter at {token}");
        return token.EndsWith("any()", StringComparison.Ordinal) ? d => d.GetProperty(collection).GetArrayLength() > 0 : d => d.GetProperty(collection).EnumerateArray().Any(r => values.Contains(r.GetString()));
    }

    static Func<JsonElement, bool> Both(Func<JsonElement, bool> left, Func<JsonElement, bool> right, bool all) => all ? d => left(d) && right(d) : d => left(d) || right(d);

    bool Take(string token)
    {
        if (at >= tokens.Length || tokens[at] != token) return false;
        at++;
        return true;
    }
}
