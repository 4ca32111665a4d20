using System.Text;

namespace AiOs.Policies.Cel;

/// <summary>Text with CEL in it: <c>Paid ${steps.fields.amount.amount} ${steps.fields.amount.currency}.</c> <c>$${</c> writes <c>${</c>.</summary>
public sealed class CelTemplate
{
    readonly IReadOnlyList<(string? Text, CelProgram? Program)> parts;

    CelTemplate(IReadOnlyList<(string? Text, CelProgram? Program)> parts) => this.parts = parts;

    /// <summary>Compiles the text; each expression must give a scalar.</summary>
    /// <exception cref="CelException">An expression is wrong or not closed; the position is that in the whole text.</exception>
    public static CelTemplate Compile(string text, CelEnvironment environment)
    {
        var found = new List<(string?, CelProgram?)>();
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length;)
            if (text.AsSpan(i).StartsWith("$${", StringComparison.Ordinal))
            {
                plain.Append("${");
                i += 3;
            }
            else if (text.AsSpan(i).StartsWith("${", StringComparison.Ordinal))
            {
                var end = Close(text, i + 2);
                found.Add((plain.ToString(), null));
                plain.Clear();
                found.Add((null, Program(text[(i + 2)..end], i + 2, environment)));
                i = end + 1;
            }
            else
            {
                plain.Append(text[i++]);
            }
        found.Add((plain.ToString(), null));
        return new CelTemplate(found);
    }

    static CelProgram Program(string source, int offset, CelEnvironment environment)
    {
        try
        {
            var program = CelProgram.Compile(source, environment);
            return program.Type.Kind is CelKind.List or CelKind.Map or CelKind.Object
                ? throw new CelException($"`{source.Trim()}` is {CelChecker.Article(program.Type)}; text needs a single value.", 0,
                    program.Type.Fields.ContainsKey("amount") ? $"${{{source.Trim()}.amount}} ${{{source.Trim()}.currency}}" : null)
                : program;
        }
        catch (CelException wrong)
        {
            throw new CelException(wrong.Message, wrong.Position + offset, wrong.Suggestion);
        }
    }

    /// <summary>The end of the expression that starts at <paramref name="start"/>; braces and quotes inside count.</summary>
    static int Close(string text, int start)
    {
        var (depth, quote) = (0, '\0');
        for (var i = start; i < text.Length; i++)
            switch (text[i])
            {
                case '\\' when quote != '\0': i++; break;
                case '"' or '\'' when quote == '\0': quote = text[i]; break;
                case var c when c == quote: quote = '\0'; break;
                case '{' when quote == '\0': depth++; break;
                case '}' when quote == '\0' && depth-- == 0: return i;
            }
        throw new CelException("`${` is not closed.", start - 2, "${...}, or $${ for the signs themselves");
    }

    /// <summary>The text for these variables; <paramref name="encode"/>, where given, is applied to each computed value.</summary>
    /// <exception cref="CelEvaluationException">An expression has no value, or is null.</exception>
    public string Render(IReadOnlyDictionary<string, object?> variables, Func<string, string>? encode = null)
    {
        var text = new StringBuilder();
        foreach (var (plain, program) in parts)
            text.Append(plain ?? Computed(program!, variables, encode));
        return text.ToString();
    }

    static string Computed(CelProgram program, IReadOnlyDictionary<string, object?> variables, Func<string, string>? encode)
    {
        var text = CelValue.Text(program.Evaluate(variables)) ?? throw new CelEvaluationException($"`{program.Source.Trim()}` has no text", program.Expression.Position);
        return encode is null ? text : encode(text);
    }
}
