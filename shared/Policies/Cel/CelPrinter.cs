using System.Globalization;
using System.Text;

namespace AiOs.Policies.Cel;

/// <summary>Prints a tree as source, with the fewest parentheses that keep its shape.</summary>
static class CelPrinter
{
    public static string Print(CelExpr expression)
    {
        var text = new StringBuilder();
        Write(text, expression, 0);
        return text.ToString();
    }

    internal static int Level(string op) => op switch
    {
        "||" => 2,
        "&&" => 3,
        "==" or "!=" or "<" or "<=" or ">" or ">=" or "in" => 4,
        "+" or "-" => 5,
        _ => 6,
    };

    static int Level(CelExpr expression) => expression switch
    {
        ConditionalExpr => 1,
        BinaryExpr binary => Level(binary.Operator),
        UnaryExpr => 7,
        LiteralExpr { Value: long or double } => 8,
        _ => 9,
    };

    static void Write(StringBuilder text, CelExpr expression, int atLeast)
    {
        var parentheses = Level(expression) < atLeast;
        if (parentheses)
            text.Append('(');
        switch (expression)
        {
            case LiteralExpr literal:
                text.Append(Literal(literal.Value));
                break;
            case NameExpr name:
                text.Append(name.Name);
                break;
            case SelectExpr { Test: true } select:
                text.Append("has(");
                Write(text, select.Target, 9);
                text.Append('.').Append(select.Field).Append(')');
                break;
            case SelectExpr select:
                Write(text, select.Target, 9);
                text.Append('.').Append(select.Field);
                break;
            case IndexExpr index:
                Write(text, index.Target, 9);
                text.Append('[');
                Write(text, index.Index, 0);
                text.Append(']');
                break;
            case UnaryExpr unary:
                text.Append(unary.Operator);
                // A minus sign before a positive number would make a negative literal of it.
                Write(text, unary.Operand, unary.Operator == "-" && !IsNegative(unary.Operand) ? 9 : 7);
                break;
            case BinaryExpr binary:
                Write(text, binary.Left, Level(binary.Operator));
                text.Append(' ').Append(binary.Operator).Append(' ');
                Write(text, binary.Right, Level(binary.Operator) + 1);
                break;
            case ConditionalExpr conditional:
                Write(text, conditional.Condition, 2);
                text.Append(" ? ");
                Write(text, conditional.Then, 2);
                text.Append(" : ");
                Write(text, conditional.Otherwise, 1);
                break;
            case ListExpr list:
                text.Append('[');
                Join(text, list.Items);
                text.Append(']');
                break;
            case MapExpr map:
                text.Append('{');
                for (var i = 0; i < map.Entries.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Write(text, map.Entries[i].Key, 0);
                    text.Append(": ");
                    Write(text, map.Entries[i].Value, 0);
                }
                text.Append('}');
                break;
            case CallExpr call:
                if (call.Target is { } target)
                {
                    Write(text, target, 9);
                    text.Append('.');
                }
                text.Append(call.Function).Append('(');
                Join(text, call.Arguments);
                text.Append(')');
                break;
        }
        if (parentheses)
            text.Append(')');
    }

    static bool IsNegative(CelExpr expression) => expression switch
    {
        LiteralExpr { Value: long number } => number < 0,
        LiteralExpr { Value: double number } => double.IsNegative(number),
        UnaryExpr unary => unary.Operator == "-",
        _ => false,
    };

    static void Join(StringBuilder text, IReadOnlyList<CelExpr> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Write(text, items[i], 0);
        }
    }

    static string Literal(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Double(number),
        string quoted => Quote(quoted),
        _ => throw new ArgumentException("Not a literal.", nameof(value)),
    };

    static string Double(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) || text.Contains('E', StringComparison.Ordinal) ? text : text + ".0";
    }

    internal static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        return text.Append('"').ToString();
    }
}
